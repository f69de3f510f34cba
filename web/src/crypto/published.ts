import { byte, type Bytes, equal, join, u64, utf8 } from "./bytes";
import { agreementKeyOf, isSoundAgreementKey, isSoundIdentity, sign, verifies } from "./curve";
import { keyIdOf } from "./dm1";
import { ok, refuse, type Result } from "./refusal";

/**
 * The key that a person receives messages with, as the server hands it out. The server is not trusted with it: it counts
 * only if it is the identity's own key in its other form, or if the identity signed it, and if it is not older than one
 * that was seen before.
 */
export interface PublishedKey {
  readonly key: Uint8Array;
  readonly keyId: Uint8Array;
  /** Unix milliseconds. */
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly signature: Uint8Array;
}

/** As somebody else has published it: older clients sign nothing. */
export type OfferedKey = { readonly key: Uint8Array } & Partial<Omit<PublishedKey, "key">>;

export const Day = 24 * 60 * 60 * 1000;
const ExpiredFor = 30 * Day;

// It begins with a zero byte, which begins neither a protobuf message nor JSON: no signature of another kind fits here.
const Context = join(byte(0), utf8("chat/dmkey/v1"));

export function signKey(seed: Uint8Array, identity: Uint8Array, key: Uint8Array, createdAt: number, expiresAt: number): PublishedKey {
  const keyId = keyIdOf(key);
  return { key, keyId, createdAt, expiresAt, signature: sign(statement(identity, key, keyId, createdAt, expiresAt), seed) };
}

/** A key that may be written to. `createdAt` 0 is the identity's own form, which is older than every other. */
export interface AcceptedKey {
  readonly key: Uint8Array;
  readonly createdAt: number;
  readonly expiresAt: number;
}

/** @param newestSeen `createdAt` of the newest key that was accepted of this identity, 0 if none. */
export function acceptKey(identity: Uint8Array, offered: OfferedKey, newestSeen: number): Result<AcceptedKey> {
  if (!isSoundIdentity(identity) || !isSoundAgreementKey(offered.key)) return refuse("bad_key");
  const own = equal(offered.key, agreementKeyOf(identity));
  const signed = signedBy(identity, offered);
  if (!own && signed === null) return refuse("key_unsigned");
  const accepted = signed ?? { key: offered.key, createdAt: 0, expiresAt: Number.MAX_SAFE_INTEGER };
  return accepted.createdAt < newestSeen ? refuse("key_rollback") : ok(accepted);
}

/** Whether its owner has let it run out more than 30 days ago: nobody may be there to read. */
export const isExpired = (key: AcceptedKey, now: number): boolean => now - key.expiresAt > ExpiredFor;

function signedBy(identity: Uint8Array, offered: OfferedKey): AcceptedKey | null {
  const { key, keyId, createdAt, expiresAt, signature } = offered;
  if (keyId === undefined || createdAt === undefined || expiresAt === undefined || signature === undefined) return null;
  if (![createdAt, expiresAt].every((time) => Number.isSafeInteger(time) && time > 0) || expiresAt <= createdAt) return null;
  if (!equal(keyId, keyIdOf(key))) return null;
  return verifies(signature, statement(identity, key, keyId, createdAt, expiresAt), identity) ? { key, createdAt, expiresAt } : null;
}

const statement = (identity: Uint8Array, key: Uint8Array, keyId: Uint8Array, createdAt: number, expiresAt: number): Bytes =>
  join(Context, identity, key, keyId, u64(createdAt), u64(expiresAt));
