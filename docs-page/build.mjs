// Makes dist/: the page /docs with its script, ready to be embedded. The script comes as the npm package was published,
// checked against its hash. Installing the package would bring 270 others that its bundle already holds.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { precompress } from './precompress.mjs';

const name = 'scalar-api-reference-1.72.1.tgz';
const spec = '@scalar/api-reference@1.72.1';
const sha512 = 'XpEJ0rfc/cXbCrR+iC4kK0o/WwX2dTtGQbT049OlPKAHD6IMIFdTeGz2r+M27P2EDWKyUITRm/NzlP8z2pw/Ow==';

const here = import.meta.dirname;
const dist = join(here, 'dist');
const temporary = mkdtempSync(join(tmpdir(), 'united-docs-'));
try {
  execFileSync('npm', ['pack', '--silent', spec], { cwd: temporary, stdio: ['ignore', 'ignore', 'inherit'] });
  const found = createHash('sha512').update(readFileSync(join(temporary, name))).digest('base64');
  if (found !== sha512) throw new Error(`${spec} is not what it was: sha512-${found}`);
  execFileSync('tar', ['-xzf', name, 'package/dist/browser/standalone.js'], { cwd: temporary });
  rmSync(dist, { recursive: true, force: true });
  mkdirSync(dist, { recursive: true });
  cpSync(join(temporary, 'package/dist/browser/standalone.js'), join(dist, 'scalar.js'));
  for (const file of ['index.html', 'docs.js']) cpSync(join(here, file), join(dist, file));
} finally {
  rmSync(temporary, { recursive: true, force: true });
}
await precompress(dist);
