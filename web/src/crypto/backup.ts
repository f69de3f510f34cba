import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  type Account, type Conversation, ConversationSchema, PassphraseKeySchema, type Vault, VaultSchema,
} from "../wire/gen/dm_state_pb";
import { mergeKeys, newDeviceId } from "./account";
import { type Bytes, equal, wipe } from "./bytes";
import { mergeContacts } from "./contacts";
import { identityOf } from "./curve";
import { recoveryOf } from "./phrase";
import { ok, refuse, type Result } from "./refusal";
import { openVault, passphraseKeyOf, sealVault, type Unlocking, type VaultKeys, wordsKeyOf } from "./vault";

/**
 * What goes into the vault, and how a device takes it out. Numbers of what this device sent never do: a device that is
 * restored is a new one, with an id of its own, so no number is used twice.
 */
export type UnlockWith = { readonly words: string } | { readonly passphrase: string };

export interface State {
  readonly account: Account;
  readonly conversations: readonly Conversation[];
}

interface Contents {
  readonly account: Account;
  readonly conversations: Conversation[];
}

const ShortestPassphrase = 12;

/** The next version of the vault. */
export function pack({ account, conversations }: State, version: number): Result<Bytes> {
  const own = { deviceId: new Uint8Array(0), oldWordsKey: new Uint8Array(0), passphraseChanged: false, unstored: false };
  const kept: Account = { ...account, ...own, vaultVersion: BigInt(version) };
  const data = toBinary(VaultSchema, create(VaultSchema, { account: kept, conversations: conversations.map(summary) })) as Bytes;
  const sealed = sealVault(data, identityOf(account.seed), version, keysOf(account));
  wipe(data);
  return sealed;
}

/** What a device that has nothing begins with. */
export async function unpack(blob: Uint8Array, by: UnlockWith): Promise<Result<State>> {
  const vault = await openedBy(by, blob);
  if (!vault.ok) return vault;
  const { account, conversations } = vault.value;
  account.deviceId = newDeviceId();
  return ok({ account, conversations: conversations.map(asNew) });
}

/**
 * Takes over what other devices of the account have put into a newer vault; `ours` is changed in place.
 * @param by The words or the passphrase, where another device has renewed the words.
 */
export async function merge(ours: State, blob: Uint8Array, by: UnlockWith | null): Promise<Result<State>> {
  const vault = await (by === null ? openedByKeys(ours.account, blob) : openedBy(by, blob));
  if (!vault.ok) return vault;
  const { account, conversations } = vault.value;
  if (!equal(account.seed, ours.account.seed)) return refuse("vault_other_identity");
  if (account.vaultVersion < ours.account.vaultVersion) return refuse("vault_rollback");
  mergeKeys(ours.account, account);
  mergeContacts(ours.account, account);
  if (!ours.account.passphraseChanged) setPassphrase(ours.account, account.passphrase);
  if (ours.account.oldWordsKey.length === 0) ours.account.wordsKey = account.wordsKey;
  ours.account.vaultVersion = account.vaultVersion;
  const added = conversations.filter(({ id }) => !ours.conversations.some((one) => one.id === id));
  return ok({ account: ours.account, conversations: added.map(asNew) });
}

/** From now on the vault opens with this passphrase too; with null only with the words. */
export async function lockWith(account: Account, passphrase: string | null): Promise<Result<void>> {
  if (passphrase !== null && Array.from(passphrase).length < ShortestPassphrase) return refuse("weak_passphrase");
  setPassphrase(account, passphrase === null ? undefined : create(PassphraseKeySchema, await passphraseKeyOf(passphrase)));
  account.passphraseChanged = true;
  account.unstored = true;
  return ok(undefined);
}

/** From now on the vault opens with other words; the stored one still with the old ones. */
export function lockWithWords(account: Account, recovery: Uint8Array): void {
  if (account.oldWordsKey.length === 0) account.oldWordsKey = account.wordsKey;
  account.wordsKey = wordsKeyOf(recovery);
  account.unstored = true;
}

/** The vault has been stored as it is here. */
export function stored(account: Account, version: number): void {
  wipe(account.oldWordsKey);
  Object.assign(account, { vaultVersion: BigInt(version), oldWordsKey: new Uint8Array(0), passphraseChanged: false, unstored: false });
}

function setPassphrase(account: Account, passphrase: Account["passphrase"]): void {
  if (passphrase === undefined) delete account.passphrase;
  else account.passphrase = passphrase;
}

async function openedBy(by: UnlockWith, blob: Uint8Array): Promise<Result<Contents>> {
  const unlocking = unlockingOf(by);
  if (!unlocking.ok) return unlocking;
  const vault = await opened(blob, unlocking.value);
  if ("recovery" in unlocking.value) wipe(unlocking.value.recovery);
  return vault;
}

/** Until a vault is stored under renewed words, the newest one still opens with the old. */
async function openedByKeys({ wordsKey, oldWordsKey }: Account, blob: Uint8Array): Promise<Result<Contents>> {
  const byNew = await opened(blob, { wordsKey });
  return byNew.ok || oldWordsKey.length === 0 ? byNew : opened(blob, { wordsKey: oldWordsKey });
}

async function opened(blob: Uint8Array, by: Unlocking): Promise<Result<Contents>> {
  const vault = await openVault(blob, by);
  if (!vault.ok) return vault;
  const { account, conversations } = parsed(vault.value.data) ?? {};
  if (account === undefined || conversations === undefined || account.seed.length !== 32) return refuse("vault_malformed");
  return equal(identityOf(account.seed), vault.value.identity) ? ok({ account, conversations }) : refuse("vault_other_identity");
}

function parsed(data: Uint8Array): Vault | null {
  try {
    return fromBinary(VaultSchema, data);
  } catch {
    return null;
  }
}

function unlockingOf(by: UnlockWith): Result<Unlocking> {
  if ("passphrase" in by) return ok(by);
  const recovery = recoveryOf(by.words);
  return recovery === null ? refuse("bad_words") : ok({ recovery });
}

function keysOf({ wordsKey, passphrase }: Account): VaultKeys {
  return { words: wordsKey, passphrase: passphrase ?? null };
}

const summary = ({ id, userId, peer, devices }: Conversation): Conversation => create(ConversationSchema, { id, userId, peer, devices });

/** What came before this installation is not known message by message: up to here, repetitions can't be told. */
function asNew(conversation: Conversation): Conversation {
  for (const device of conversation.devices) device.floor = device.highest;
  return conversation;
}
