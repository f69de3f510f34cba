import { expand, extract } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { byte, type Bytes, join, u16, utf8, wipe } from "./bytes";
import { agree, publicOf } from "./curve";

/**
 * RFC 9180, mode_auth, export only: DHKEM(X25519, HKDF-SHA256) 0x0020, HKDF-SHA256 0x0001, AEAD 0xFFFF. Both sides get an
 * exporter secret that only the two holders of the keys can make: who sent is authenticated, and can be denied to others.
 */
const Version = utf8("HPKE-v1");
const KemSuite = join(utf8("KEM"), u16(0x0020));
const Suite = join(utf8("HPKE"), u16(0x0020), u16(0x0001), u16(0xffff));
const ModeAuth = byte(0x02);
const Nothing = new Uint8Array(0);

export interface Encapsulation {
  readonly ephemeralSecret: Uint8Array;
  readonly ephemeral: Uint8Array;
  readonly senderSecret: Uint8Array;
  readonly sender: Uint8Array;
  readonly recipient: Uint8Array;
}

/** The exporter secret on the sender's side, or null where a key is unsound. */
export function encapsulate(keys: Encapsulation, info: Uint8Array): Bytes | null {
  return schedule(
    agree(keys.ephemeralSecret, keys.recipient),
    agree(keys.senderSecret, keys.recipient),
    join(keys.ephemeral, keys.recipient, keys.sender),
    info,
  );
}

/** The same on the recipient's side. */
export function decapsulate(ephemeral: Uint8Array, sender: Uint8Array, recipientSecret: Uint8Array, info: Uint8Array): Bytes | null {
  return schedule(
    agree(recipientSecret, ephemeral),
    agree(recipientSecret, sender),
    join(ephemeral, publicOf(recipientSecret), sender),
    info,
  );
}

export const exportSecret = (exporter: Uint8Array, context: Uint8Array, length: number): Bytes =>
  labeledExpand(Suite, exporter, "sec", context, length);

function schedule(byEphemeral: Bytes | null, byStatic: Bytes | null, kemContext: Bytes, info: Uint8Array): Bytes | null {
  if (byEphemeral === null || byStatic === null) {
    wipe(byEphemeral, byStatic);
    return null;
  }
  const agreed = join(byEphemeral, byStatic);
  const prk = labeledExtract(KemSuite, Nothing, "eae_prk", agreed);
  const shared = labeledExpand(KemSuite, prk, "shared_secret", kemContext, 32);
  const context = join(ModeAuth, labeledExtract(Suite, Nothing, "psk_id_hash", Nothing), labeledExtract(Suite, Nothing, "info_hash", info));
  const secret = labeledExtract(Suite, shared, "secret", Nothing);
  const exporter = labeledExpand(Suite, secret, "exp", context, 32);
  wipe(byEphemeral, byStatic, agreed, prk, shared, secret);
  return exporter;
}

const labeledExtract = (suite: Uint8Array, salt: Uint8Array, label: string, ikm: Uint8Array): Bytes =>
  extract(sha256, join(Version, suite, utf8(label), ikm), salt) as Bytes;

const labeledExpand = (suite: Uint8Array, prk: Uint8Array, label: string, info: Uint8Array, length: number): Bytes =>
  expand(sha256, prk, join(u16(length), Version, suite, utf8(label), info), length) as Bytes;
