import { create } from "@bufbuild/protobuf";
import { type Account, type Contact, ContactSchema } from "../wire/gen/dm_state_pb";
import { equal } from "./bytes";
import { isSoundIdentity } from "./curve";
import { acceptKey, type AcceptedKey, isExpired, type OfferedKey } from "./published";
import { ok, refuse, type Result } from "./refusal";

/**
 * The people whom this account writes to. An identity is trusted at first sight and pinned; after that a change is noticed,
 * and where the person had been verified, nothing is written until it is accepted.
 */
export type Trust = "unverified" | "verified" | "changed";

export interface Acquaintance {
  readonly userId: string;
  readonly identity: Uint8Array;
  readonly trust: Trust;
  /** The server named another identity for them than before: worth a line in the conversation. */
  readonly isNew: boolean;
}

export const contactOf = (account: Account, userId: string): Contact | undefined => account.contacts.find((one) => one.userId === userId);

export const trustOf = ({ verified, changedFrom }: Contact): Trust => (changedFrom.length > 0 ? "changed" : verified ? "verified" : "unverified");

/** Notes the identity that the server names for somebody. */
export function meet(account: Account, userId: string, identity: Uint8Array): Result<Acquaintance> {
  if (!isSoundIdentity(identity)) return refuse("bad_key");
  const known = contactOf(account, userId);
  const isNew = known !== undefined && !equal(known.identity, identity);
  const contact = known ?? create(ContactSchema, { userId, identity });
  if (known === undefined) account.contacts.push(contact);
  if (isNew) replace(contact, identity);
  return ok({ userId, identity, trust: trustOf(contact), isNew });
}

function replace(contact: Contact, identity: Uint8Array): void {
  const before = contact.verified ? contact.identity : contact.changedFrom;
  const returned = equal(before, identity);
  Object.assign(contact, {
    identity, verified: returned, changedFrom: returned ? new Uint8Array(0) : before, key: new Uint8Array(0), keyCreatedAt: 0n, keyExpiresAt: 0n,
  });
}

/** Takes the key that somebody has published, if it is really theirs and no older than the one before. */
export function adopt(contact: Contact, offered: OfferedKey): Result<void> {
  const accepted = acceptKey(contact.identity, offered, Number(contact.keyCreatedAt));
  if (!accepted.ok) return accepted;
  const { key, createdAt, expiresAt } = accepted.value;
  Object.assign(contact, { key: Uint8Array.from(key), keyCreatedAt: BigInt(createdAt), keyExpiresAt: BigInt(expiresAt) });
  return ok(undefined);
}

/** @param evenIfExpired The person insists, though the other may never come back. */
export function keyToWriteTo(contact: Contact, now: number, evenIfExpired: boolean): Result<AcceptedKey> {
  if (trustOf(contact) === "changed") return refuse("identity_changed");
  if (contact.key.length === 0) return refuse("no_peer_key");
  const key = { key: contact.key, createdAt: Number(contact.keyCreatedAt), expiresAt: Number(contact.keyExpiresAt) };
  return isExpired(key, now) && !evenIfExpired ? refuse("key_expired", key.expiresAt) : ok(key);
}

/** The person compared the safety number of exactly this identity. */
export function verify(contact: Contact, identity: Uint8Array): Result<void> {
  if (!equal(contact.identity, identity)) return refuse("identity_changed");
  Object.assign(contact, { verified: true, changedFrom: new Uint8Array(0) });
  return ok(undefined);
}

/** The person goes on with the new identity without having compared it. */
export function acceptChange(contact: Contact, identity: Uint8Array): Result<void> {
  if (!equal(contact.identity, identity)) return refuse("identity_changed");
  Object.assign(contact, { verified: false, changedFrom: new Uint8Array(0) });
  return ok(undefined);
}

/** Takes over what another device knows: whom it met and verified, and the newest keys. */
export function mergeContacts(account: Account, vault: Account): void {
  for (const theirs of vault.contacts) {
    const ours = contactOf(account, theirs.userId);
    if (ours === undefined) account.contacts.push(theirs);
    else if (equal(ours.identity, theirs.identity)) mergeContact(ours, theirs);
  }
}

function mergeContact(ours: Contact, theirs: Contact): void {
  if (theirs.verified) Object.assign(ours, { verified: true, changedFrom: new Uint8Array(0) });
  if (theirs.keyCreatedAt <= ours.keyCreatedAt) return;
  Object.assign(ours, { key: theirs.key, keyCreatedAt: theirs.keyCreatedAt, keyExpiresAt: theirs.keyExpiresAt });
}
