import { create } from "@bufbuild/protobuf";
import { type Account, AccountSchema, DeletedKeySchema, type ReceivingKey, ReceivingKeySchema } from "../wire/gen/dm_state_pb";
import { byte, type Bytes, equal, fromHex, hexOf, join, lp, randomBytes, u64, utf8, wipe } from "./bytes";
import { agreementKeyOf, agreementSecretOf, identityOf, publicOf, sign } from "./curve";
import { keyIdOf } from "./dm1";
import { Day, type PublishedKey, signKey } from "./published";
import { ok, refuse, type Result } from "./refusal";
import { wordsKeyOf } from "./vault";

/**
 * The account's own keys: the identity, and the keys that messages are received with. Those live a week, and their secrets
 * 37 days more: as long as the server queues a message for somebody who is away, and a week for its author's old key list.
 */
const RotatedAfter = 7 * Day;
const KeptAfter = 37 * Day;
const DeletedKept = 200;

/** @param recovery What the words stand for. */
export function newAccount(recovery: Uint8Array, now: number): Account {
  const wordsKey = wordsKeyOf(recovery);
  const account = create(AccountSchema, { seed: randomBytes(32), selfKey: randomBytes(32), deviceId: newDeviceId(), wordsKey });
  rotate(account, now);
  return account;
}

export const newDeviceId = (): Bytes => randomBytes(8);

export function rotate(account: Account, now: number): void {
  const newest = account.keys.at(-1);
  // Never earlier than the one before, also where a clock was set back: readers refuse what looks like a step backwards.
  const createdAt = Math.max(now, Number(newest?.createdAt ?? 0) + 1);
  if (newest !== undefined) newest.supersededAt = BigInt(createdAt);
  const secret = randomBytes(32);
  const keyId = keyIdOf(publicOf(secret));
  account.keys.push(create(ReceivingKeySchema, { secret, keyId, createdAt: BigInt(createdAt), expiresAt: BigInt(createdAt + RotatedAfter) }));
}

export const isDue = (account: Account, now: number): boolean => now >= Number(account.keys.at(-1)?.expiresAt ?? 0);

/** Deletes the secrets whose time is over; true if there were any. */
export function deleteOld(account: Account, now: number): boolean {
  const over = account.keys.filter(({ supersededAt }) => supersededAt !== 0n && now - Number(supersededAt) > KeptAfter);
  for (const key of over) {
    account.deleted.push(create(DeletedKeySchema, { keyId: key.keyId, deletedAt: BigInt(now) }));
    wipe(key.secret);
  }
  account.keys = account.keys.filter((key) => !over.includes(key));
  account.deleted.splice(0, account.deleted.length - DeletedKept);
  return over.length > 0;
}

export function publication(account: Account): PublishedKey {
  const newest = account.keys.at(-1);
  if (newest === undefined) throw new Error("an account without a receiving key");
  return signKey(account.seed, identityOf(account.seed), publicOf(newest.secret), Number(newest.createdAt), Number(newest.expiresAt));
}

/** The secret for the key that a message names. The caller wipes it. */
export function secretFor(account: Account, keyId: Uint8Array): Result<Bytes> {
  const key = account.keys.find((one) => equal(keyId, one.keyId));
  if (key !== undefined) return ok(Uint8Array.from(key.secret));
  if (equal(keyId, keyIdOf(agreementKeyOf(identityOf(account.seed))))) return ok(agreementSecretOf(account.seed));
  const deleted = account.deleted.find((one) => equal(one.keyId, keyId));
  return deleted === undefined ? refuse("key_unknown") : refuse("key_deleted", Number(deleted.deletedAt));
}

export interface LoginChallenge {
  /** `scheme://host[:port]` of the server, as this client calls it. */
  readonly origin: string;
  readonly serverId: string;
  /** 32 bytes in hex. */
  readonly nonce: string;
  /** Unix milliseconds. */
  readonly expiresAt: number;
}

/** Proves to a server that the identity is ours. The origin is in it, so that no other server can pass it on. */
export function signLogin(account: Account, { origin, serverId, nonce, expiresAt }: LoginChallenge): Result<Bytes> {
  const random = fromHex(nonce, 32);
  if (random === null || !Number.isSafeInteger(expiresAt) || expiresAt < 0) return refuse("bad_challenge");
  const words = [lp(utf8(origin)), lp(utf8(serverId)), random, identityOf(account.seed), u64(expiresAt)];
  return ok(sign(join(byte(0), utf8("united/login/v1"), ...words), account.seed));
}

/** Takes over what another device of the account has put into the vault: its newer keys, and which are deleted. */
export function mergeKeys(account: Account, vault: Account): void {
  const gone = (key: ReceivingKey): boolean => [...account.deleted, ...vault.deleted].some(({ keyId }) => equal(keyId, key.keyId));
  const added = vault.keys.filter((key) => !account.keys.some(({ keyId }) => equal(keyId, key.keyId)));
  account.keys = [...account.keys, ...added].filter((key) => !gone(key)).toSorted(byAge);
  account.keys.forEach((key, place) => {
    const successor = account.keys[place + 1];
    if (successor !== undefined && key.supersededAt === 0n) key.supersededAt = successor.createdAt;
  });
  const newlyDeleted = vault.deleted.filter(({ keyId }) => !account.deleted.some((one) => equal(one.keyId, keyId)));
  account.deleted = [...account.deleted, ...newlyDeleted].slice(-DeletedKept);
}

/** Two devices may have made one at the same moment: they have to agree on which is the newest. */
const byAge = (a: ReceivingKey, b: ReceivingKey): number =>
  a.createdAt === b.createdAt ? (hexOf(a.keyId) < hexOf(b.keyId) ? -1 : 1) : a.createdAt < b.createdAt ? -1 : 1;
