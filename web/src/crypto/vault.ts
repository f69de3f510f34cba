import { xchacha20poly1305 } from "@noble/ciphers/chacha.js";
import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { argon2id } from "hash-wasm";
import { byte, type Bytes, join, randomBytes, u32, u64, utf8, wipe } from "./bytes";
import { ok, refuse, type Result } from "./refusal";

/**
 * The account's keys as a blob that the server keeps and can't open (docs/wire/encrypted-dm.md):
 *
 *   vault = 01 ‖ version u64 ‖ IK(32) ‖ count ‖ slot… ‖ nonce(24) ‖ data
 *   slot  = kind ‖ parameters ‖ nonce(24) ‖ wrapped key(48)        parameters of 1 (words): none
 *                                                                  of 2 (passphrase): m KiB u32 ‖ t u32 ‖ p u32 ‖ salt(16)
 *   H(kind, parameters) = SHA-256("chat.vault.v1" ‖ IK ‖ version ‖ parameters ‖ kind)
 *
 * A slot is bound by its H, the data by H(0, all slots): no byte of a vault can be changed, and no slot moved to another.
 * The key of the data is new in every version, so whoever learnt an old one, or a passphrase since changed, reads no later one.
 */
const Format = 1;
const HeadLength = 1 + 8 + 32 + 1;
const NonceLength = 24;
const WrappedLength = 48;
const SaltLength = 16;
const Label = utf8("chat.vault.v1");
const WordsLabel = utf8("chat.vault.mnemonic.v1");

const Kind = { data: 0, words: 1, passphrase: 2 } as const;
const ParametersLength = { [Kind.words]: 0, [Kind.passphrase]: 12 + SaltLength } as const;

/** The server refuses more than this. */
export const MaxVault = 64 * 1024;

/** Argon2id. A third of a second on a small machine, and 64 MiB for each guess of who would try them. */
export const Derivation: Cost = { memoryKib: 65_536, passes: 3, lanes: 1 };

export interface Cost {
  readonly memoryKib: number;
  readonly passes: number;
  readonly lanes: number;
}

export interface PassphraseKey extends Cost {
  readonly key: Uint8Array;
  readonly salt: Uint8Array;
}

export interface VaultKeys {
  readonly words: Uint8Array;
  readonly passphrase: PassphraseKey | null;
}

export interface OpenedVault {
  readonly identity: Uint8Array;
  readonly version: number;
  /** The caller wipes it. */
  readonly data: Uint8Array;
}

export type Unlocking = { readonly recovery: Uint8Array } | { readonly passphrase: string } | { readonly wordsKey: Uint8Array };

export const wordsKeyOf = (recovery: Uint8Array): Bytes => hkdf(sha256, recovery, undefined, WordsLabel, 32) as Bytes;

export async function passphraseKeyOf(passphrase: string, salt: Uint8Array = randomBytes(SaltLength), cost = Derivation): Promise<PassphraseKey> {
  const key = await argon2id({
    password: passphrase.normalize("NFKC"), salt, memorySize: cost.memoryKib, iterations: cost.passes, parallelism: cost.lanes, hashLength: 32, outputType: "binary",
  });
  return { key, salt, ...cost };
}

export function sealVault(data: Uint8Array, identity: Uint8Array, version: number, keys: VaultKeys): Result<Bytes> {
  const dataKey = randomBytes(32);
  const bound = { identity, version };
  const slots = [slot(Kind.words, new Uint8Array(0), keys.words, dataKey, bound)];
  if (keys.passphrase !== null) slots.push(slot(Kind.passphrase, parametersOf(keys.passphrase), keys.passphrase.key, dataKey, bound));
  const nonce = randomBytes(NonceLength);
  const sealed = xchacha20poly1305(dataKey, nonce, hashOf(Kind.data, join(...slots), bound)).encrypt(data);
  wipe(dataKey);
  const vault = join(byte(Format), u64(version), identity, byte(slots.length), ...slots, nonce, sealed);
  return vault.length > MaxVault ? refuse("vault_too_large") : ok(vault);
}

/** Opens a vault. Whether it is ours, and not an old one, is for the caller to judge by what comes back. */
export async function openVault(blob: Uint8Array, by: Unlocking): Promise<Result<OpenedVault>> {
  const parts = parse(blob);
  if (!parts.ok) return parts;
  const { slots, slotBytes, nonce, sealed, bound } = parts.value;
  const kind = "passphrase" in by ? Kind.passphrase : Kind.words;
  const found = slots.find((one) => one.kind === kind);
  if (found === undefined) return refuse("vault_no_slot");
  const key = await keyFor(found, by);
  if (!key.ok) return key;
  const dataKey = decrypted(key.value, found.nonce, hashOf(kind, found.parameters, bound), found.wrapped);
  if (!("wordsKey" in by)) wipe(key.value);
  if (dataKey === null) return refuse("vault_not_opened");
  const data = decrypted(dataKey, nonce, hashOf(Kind.data, slotBytes, bound), sealed);
  wipe(dataKey);
  return data === null ? refuse("vault_not_opened") : ok({ ...bound, data });
}

interface Slot {
  readonly kind: 1 | 2;
  readonly parameters: Uint8Array;
  readonly nonce: Uint8Array;
  readonly wrapped: Uint8Array;
}

interface Bound {
  readonly identity: Uint8Array;
  readonly version: number;
}

interface VaultParts {
  readonly bound: Bound;
  readonly slots: readonly Slot[];
  readonly slotBytes: Uint8Array;
  readonly nonce: Uint8Array;
  readonly sealed: Uint8Array;
}

function parse(blob: Uint8Array): Result<VaultParts> {
  if (blob.length < HeadLength || blob.length > MaxVault || blob[0] !== Format) return refuse("vault_malformed");
  const version = Number(new DataView(blob.buffer, blob.byteOffset).getBigUint64(1));
  const slots: Slot[] = [];
  let at = HeadLength;
  for (let count = blob[HeadLength - 1] ?? 0; count > 0; count--) {
    const kind = blob[at];
    if (kind !== Kind.words && kind !== Kind.passphrase) return refuse("vault_malformed");
    const nonceAt = at + 1 + ParametersLength[kind];
    const end = nonceAt + NonceLength + WrappedLength;
    slots.push({ kind, parameters: blob.slice(at + 1, nonceAt), nonce: blob.slice(nonceAt, nonceAt + NonceLength), wrapped: blob.slice(nonceAt + NonceLength, end) });
    at = end;
  }
  if (blob.length <= at + NonceLength || !Number.isSafeInteger(version)) return refuse("vault_malformed");
  return ok({
    bound: { identity: blob.slice(9, 41), version }, slots, slotBytes: blob.slice(HeadLength, at), nonce: blob.slice(at, at + NonceLength), sealed: blob.slice(at + NonceLength),
  });
}

async function keyFor({ parameters }: Slot, by: Unlocking): Promise<Result<Uint8Array>> {
  if ("wordsKey" in by) return ok(by.wordsKey);
  if ("recovery" in by) return ok(wordsKeyOf(by.recovery));
  const view = new DataView(parameters.buffer);
  const cost = { memoryKib: view.getUint32(0), passes: view.getUint32(4), lanes: view.getUint32(8) };
  // The server chooses what it hands out: a cheap derivation would let it guess, a dear one would stop this machine.
  const fair = cost.memoryKib >= 19_456 && cost.memoryKib <= 1_048_576 && cost.passes >= 2 && cost.passes <= 16 && cost.lanes >= 1 && cost.lanes <= 4;
  if (!fair) return refuse("vault_weak");
  return ok((await passphraseKeyOf(by.passphrase, parameters.slice(12), cost)).key);
}

function slot(kind: 1 | 2, parameters: Uint8Array, key: Uint8Array, dataKey: Uint8Array, bound: Bound): Bytes {
  const nonce = randomBytes(NonceLength);
  return join(byte(kind), parameters, nonce, xchacha20poly1305(key, nonce, hashOf(kind, parameters, bound)).encrypt(dataKey));
}

const parametersOf = ({ memoryKib, passes, lanes, salt }: PassphraseKey): Bytes => join(u32(memoryKib), u32(passes), u32(lanes), salt);

const hashOf = (kind: number, parameters: Uint8Array, { identity, version }: Bound): Bytes =>
  sha256(join(Label, identity, u64(version), parameters, byte(kind))) as Bytes;

function decrypted(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, sealed: Uint8Array): Uint8Array | null {
  try {
    return xchacha20poly1305(key, nonce, aad).decrypt(sealed);
  } catch {
    return null;
  }
}
