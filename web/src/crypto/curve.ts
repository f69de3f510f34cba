import { ed25519, x25519 } from "@noble/curves/ed25519.js";
import { type Bytes, isZero } from "./bytes";

/**
 * The curve, behind checks that make all implementations agree. Libraries differ on points of small or mixed order (some
 * call a signature by the identity point valid for every message), so such keys are turned away before anything else is
 * done with them.
 */

const P = 2n ** 255n - 19n;
/** The u-coordinates of small order, reduced: from them every secret makes the same few values. */
const SmallOrder = new Set([
  0n,
  1n,
  P - 1n,
  325606250916557431795983626356110631294008115727848805560023387167927233504n,
  39382357235489614581723060781553021112529911719440698176882885853963445705823n,
]);

const sound = new Map<string, boolean>();
const SoundKept = 10_000;

/** Whether this is an identity key to deal with: canonical, on the curve, in the subgroup of prime order. */
export function isSoundIdentity(key: Uint8Array): boolean {
  if (key.length !== 32) return false;
  const name = key.join();
  const known = sound.get(name);
  if (known !== undefined) return known;
  if (sound.size >= SoundKept) sound.clear();
  const verdict = inPrimeSubgroup(key);
  sound.set(name, verdict);
  return verdict;
}

function inPrimeSubgroup(key: Uint8Array): boolean {
  try {
    const point = ed25519.Point.fromBytes(key, false);
    return !point.isSmallOrder() && point.isTorsionFree();
  } catch {
    return false;
  }
}

/** Whether this is a key to agree on a secret with: canonical (reduced, top bit clear) and not of small order. */
export function isSoundAgreementKey(key: Uint8Array): boolean {
  if (key.length !== 32) return false;
  const u = key.reduceRight((sum, value) => (sum << 8n) | BigInt(value), 0n);
  return u < P && !SmallOrder.has(u);
}

/** The X25519 form of an identity key. Only for keys that {@link isSoundIdentity}: others are converted without complaint. */
export const agreementKeyOf = (identity: Uint8Array): Bytes => ed25519.utils.toMontgomery(identity) as Bytes;

/** The X25519 secret of the identity with this seed. The caller wipes it. */
export const agreementSecretOf = (seed: Uint8Array): Bytes => ed25519.utils.toMontgomerySecret(seed) as Bytes;

export const identityOf = (seed: Uint8Array): Bytes => ed25519.getPublicKey(seed) as Bytes;
export const publicOf = (secret: Uint8Array): Bytes => x25519.getPublicKey(secret) as Bytes;

/** The shared secret, or null where the other key is unsound or the secret all zeros. The caller wipes it. */
export function agree(secret: Uint8Array, key: Uint8Array): Bytes | null {
  if (!isSoundAgreementKey(key)) return null;
  try {
    const shared = x25519.getSharedSecret(secret, key) as Bytes;
    return isZero(shared) ? null : shared;
  } catch {
    return null;
  }
}

export const sign = (message: Uint8Array, seed: Uint8Array): Bytes => ed25519.sign(message, seed) as Bytes;

/** By the strict rules: canonical encodings, a sound key, no malleated signature. */
export function verifies(signature: Uint8Array, message: Uint8Array, identity: Uint8Array): boolean {
  if (signature.length !== 64 || !isSoundIdentity(identity)) return false;
  try {
    return ed25519.verify(signature, message, identity, { zip215: false });
  } catch {
    return false;
  }
}
