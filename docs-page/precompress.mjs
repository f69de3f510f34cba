// Writes x.br and x.gz beside every x that is worth it, so that the server compresses nothing while it serves.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

const worth = /\.(html|js|css|json|svg|webmanifest|wasm|txt)$/;
const least = 1024; // below that a packet is a packet

export async function precompress(folder) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && worth.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
  await Promise.all(files.map(compress));
}

async function compress(file) {
  const content = readFileSync(file);
  if (content.length < least) return;
  // Quality 9 for what is large: the last two steps cost ten times as long for a few per cent.
  const quality = content.length > 1_000_000 ? 9 : 11;
  writeFileSync(`${file}.br`, await promisify(brotliCompress)(content, { params: { [constants.BROTLI_PARAM_QUALITY]: quality } }));
  writeFileSync(`${file}.gz`, await promisify(gzip)(content, { level: 9 }));
}

if (process.argv[2]) await precompress(process.argv[2]);
