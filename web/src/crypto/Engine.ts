import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { type Account, AccountSchema, type Conversation } from "../wire/gen/dm_state_pb";
import * as keys from "./account";
import * as backup from "./backup";
import { type Bytes, equal, randomBytes, wipe } from "./bytes";
import * as contacts from "./contacts";
import type { Body } from "./content";
import * as letters from "./correspondence";
import { identityOf } from "./curve";
import { type Missing, Ledger } from "./Ledger";
import { recoveryOf, wordsOf } from "./phrase";
import type { OfferedKey, PublishedKey } from "./published";
import { decode, encode } from "./record";
import { ok, refuse, type Result } from "./refusal";
import type { Safe } from "./Safe";
import { codesMatch, safetyNumber } from "./safetyNumber";

/**
 * One account's encrypted conversations on one device. It knows no network: the caller brings what the server said and
 * sends what it is given. The state is read anew in every turn, so several tabs share it, and is kept before anything that
 * depends on it is handed out.
 *
 * Everything goes in and out as plain values, so it stands behind a worker's channel as well as here. What is refused comes
 * back as a {@link Result}; it throws only where the device's storage fails.
 */
export class Engine {
  constructor(
    private readonly safe: Safe,
    private readonly now: () => number = Date.now,
  ) {}

  // The account

  /** Makes an identity. The words are shown once: only they (or a passphrase set later) bring it back. */
  create(): Promise<Result<{ readonly identity: Bytes; readonly words: readonly string[] }>> {
    return this.safe.alone(async () => {
      if ((await this.load()) !== null) return refuse("identity_exists");
      const recovery = randomBytes(32);
      const account = keys.newAccount(recovery, this.now());
      await this.save(account);
      const words = wordsOf(recovery);
      wipe(recovery);
      return ok({ identity: identityOf(account.seed), words });
    });
  }

  /** The public identity key, or null while there is none on this device. */
  identity(): Promise<Bytes | null> {
    return this.safe.alone(async () => {
      const account = await this.load();
      return account === null ? null : identityOf(account.seed);
    });
  }

  signLogin(challenge: keys.LoginChallenge): Promise<Result<Bytes>> {
    return this.withAccount(async (account) => keys.signLogin(account, challenge));
  }

  /** Forgets everything on this device. */
  forget(): Promise<void> {
    return this.safe.alone(async () => this.safe.write(new Map((await this.safe.names()).map((name) => [name, null]))));
  }

  // Receiving keys

  /** The key to publish: once a week a new one. `renewed` asks for a backup before it is published. */
  keyToPublish(force = false): Promise<Result<{ readonly key: PublishedKey; readonly renewed: boolean }>> {
    return this.withAccount(async (account) => {
      const renewed = force || keys.isDue(account, this.now());
      if (renewed) {
        keys.rotate(account, this.now());
        account.unstored = true;
      }
      if (keys.deleteOld(account, this.now()) || renewed) await this.save(account);
      return ok({ key: keys.publication(account), renewed });
    });
  }

  // People

  /** Begins, or takes up, the conversation with somebody whom the server names. */
  open(conversationId: string, userId: string, identity: Uint8Array): Promise<Result<contacts.Acquaintance>> {
    return this.withAccount(async (account) => {
      const known = await this.conversation(conversationId);
      if (known !== null && !equal(known.peer, identity)) return refuse("not_a_participant");
      const met = contacts.meet(account, userId, identity);
      if (met.ok) await this.save(account, known ?? letters.newConversation(conversationId, userId, Uint8Array.from(identity)));
      return met;
    });
  }

  /** Takes a key that the server says somebody has published. */
  adoptKey(userId: string, offered: OfferedKey): Promise<Result<void>> {
    return this.withContact(userId, (contact) => contacts.adopt(contact, offered));
  }

  /** @param identity The one whose number was compared: it may have changed on the way. */
  verify(userId: string, identity: Uint8Array): Promise<Result<void>> {
    return this.withContact(userId, (contact, account) => told(account, contacts.verify(contact, identity)));
  }

  acceptChange(userId: string, identity: Uint8Array): Promise<Result<void>> {
    return this.withContact(userId, (contact, account) => told(account, contacts.acceptChange(contact, identity)));
  }

  safetyNumber(identity: Uint8Array): Promise<Result<ReturnType<typeof safetyNumber>>> {
    return this.withAccount(async (account) => ok(safetyNumber(identityOf(account.seed), identity)));
  }

  /** Whether the code on somebody's screen is the counterpart of ours. */
  codeMatches(identity: Uint8Array, scanned: Uint8Array): Promise<Result<boolean>> {
    return this.withAccount(async (account) => ok(codesMatch(safetyNumber(identityOf(account.seed), identity), scanned)));
  }

  // Messages

  /** Seals the next message. Send it as often as it takes, unchanged; do not seal it again. */
  seal(conversationId: string, body: Body, evenIfExpired = false): Promise<Result<letters.Sealed>> {
    return this.withConversation(conversationId, async (account, conversation) => {
      const contact = contacts.contactOf(account, conversation.userId);
      if (contact === undefined || !equal(contact.identity, conversation.peer)) return refuse("identity_changed");
      const key = contacts.keyToWriteTo(contact, this.now(), evenIfExpired);
      if (!key.ok) return key;
      const sealed = letters.write(account, conversation, key.value.key, body, this.now());
      if (sealed.ok) await this.save(conversation);
      return sealed;
    });
  }

  /** The server refused the newest sealed message for good. False if it is too late to take it back. */
  abandon(conversationId: string, messageId: Uint8Array): Promise<Result<boolean>> {
    return this.withConversation(conversationId, async (_, conversation) => {
      const taken = letters.abandon(conversation, messageId);
      if (taken) await this.save(conversation);
      return ok(taken);
    });
  }

  /** Opens messages of one conversation, pushed or out of its history, in any order; one outcome each, by number. */
  receive(
    conversationId: string,
    arrived: readonly letters.Incoming[],
  ): Promise<Result<{ readonly outcomes: readonly letters.Outcome[]; readonly missing: readonly Missing[] }>> {
    return this.withConversation(conversationId, async (account, conversation) => {
      const outcomes = letters.readAll(account, conversation, arrived, this.now());
      // A page that was read before changes nothing.
      if (outcomes.some(({ kind }) => kind !== "again")) await this.save(conversation);
      return ok({ outcomes, missing: new Ledger(conversation).missing() });
    });
  }

  // Backup

  /** The next version of the vault, to be stored on top of the one that was merged last, no other. Then say {@link backedUp}. */
  backup(): Promise<Result<{ readonly blob: Bytes; readonly version: number }>> {
    return this.withAccount(async (account) => {
      const version = Number(account.vaultVersion) + 1;
      const blob = backup.pack({ account, conversations: await this.conversations() }, version);
      return blob.ok ? ok({ blob: blob.value, version }) : blob;
    });
  }

  backedUp(version: number): Promise<Result<void>> {
    return this.withAccount(async (account) => {
      if (BigInt(version) > account.vaultVersion) {
        backup.stored(account, version);
        await this.save(account);
      }
      return ok(undefined);
    });
  }

  /** Whether something was to be stored, and was not: the page was closed, or the server away. */
  hasUnstored(): Promise<Result<boolean>> {
    return this.withAccount(async (account) => ok(account.unstored));
  }

  /** Sets up this device from a vault. It becomes a device of its own. */
  restore(blob: Uint8Array, by: backup.UnlockWith): Promise<Result<{ readonly identity: Bytes; readonly conversations: number }>> {
    return this.safe.alone(async () => {
      if ((await this.load()) !== null) return refuse("identity_exists");
      const state = await backup.unpack(blob, by);
      if (!state.ok) return state;
      const { account, conversations } = state.value;
      await this.save(account, ...conversations);
      return ok({ identity: identityOf(account.seed), conversations: conversations.length });
    });
  }

  /**
   * Takes over what other devices of this account have put into the vault since.
   * @param by Only where it does not open without: another device has renewed the words.
   */
  merge(blob: Uint8Array, by: backup.UnlockWith | null = null): Promise<Result<void>> {
    return this.withAccount(async (account) => {
      const merged = await backup.merge({ account, conversations: await this.conversations() }, blob, by);
      if (!merged.ok) return merged;
      await this.save(merged.value.account, ...merged.value.conversations);
      return ok(undefined);
    });
  }

  /** Lets the vault be opened with a passphrase too, from the next backup on; null takes that away. */
  setPassphrase(passphrase: string | null): Promise<Result<void>> {
    return this.withAccount(async (account) => {
      const set = await backup.lockWith(account, passphrase);
      if (set.ok) await this.save(account);
      return set;
    });
  }

  /** Whether the vault opens with a passphrase too. */
  hasPassphrase(): Promise<Result<boolean>> {
    return this.withAccount(async (account) => ok(account.passphrase !== undefined));
  }

  /** Words that open nothing yet: to be written down, and then said to {@link renewWords}. */
  newWords(): Promise<readonly string[]> {
    const recovery = randomBytes(32);
    const words = wordsOf(recovery);
    wipe(recovery);
    return Promise.resolve(words);
  }

  /** The vault opens with these words instead of those before, from the next backup on. The identity stays as it is. */
  renewWords(words: string): Promise<Result<void>> {
    return this.withAccount(async (account) => {
      const recovery = recoveryOf(words);
      if (recovery === null) return refuse("bad_words");
      backup.lockWithWords(account, recovery);
      wipe(recovery);
      await this.save(account);
      return ok(undefined);
    });
  }

  private withAccount<T>(work: (account: Account) => Promise<Result<T>>): Promise<Result<T>> {
    return this.safe.alone(async () => using(await this.load(), work));
  }

  private withContact(userId: string, change: (contact: NonNullable<ReturnType<typeof contacts.contactOf>>, account: Account) => Result<void>): Promise<Result<void>> {
    return this.withAccount(async (account) => {
      const contact = contacts.contactOf(account, userId);
      if (contact === undefined) return refuse("unknown_conversation");
      const changed = change(contact, account);
      if (changed.ok) await this.save(account);
      return changed;
    });
  }

  private withConversation<T>(id: string, work: (account: Account, conversation: Conversation) => Promise<Result<T>>): Promise<Result<T>> {
    return this.safe.alone(async () => {
      const [account, conversation] = await Promise.all([this.load(), this.conversation(id)]);
      return using(account, async (own) => (conversation === null ? refuse("unknown_conversation") : work(own, conversation)));
    });
  }

  private async load(): Promise<Account | null> {
    const record = await this.safe.read(AccountRecord);
    return record === null ? null : fromBinary(AccountSchema, record);
  }

  private async conversation(id: string): Promise<Conversation | null> {
    const record = await this.safe.read(ConversationRecord + id);
    return record === null ? null : decode(record);
  }

  private async conversations(): Promise<Conversation[]> {
    const ids = (await this.safe.names()).filter((name) => name.startsWith(ConversationRecord)).map((name) => name.slice(ConversationRecord.length));
    return (await Promise.all(ids.map((id) => this.conversation(id)))).filter((one) => one !== null);
  }

  private async save(...changed: readonly (Account | Conversation)[]): Promise<void> {
    const records = changed.map((one): [string, Bytes] =>
      one.$typeName === AccountSchema.typeName
        ? [AccountRecord, toBinary(AccountSchema, one as Account) as Bytes]
        : [ConversationRecord + (one as Conversation).id, encode(one as Conversation)],
    );
    await this.safe.write(new Map(records));
    wipe(...records.map(([, bytes]) => bytes));
  }
}

/** The keys lie open only as long as the work takes. */
async function using<T>(account: Account | null, work: (account: Account) => Promise<Result<T>>): Promise<Result<T>> {
  if (account === null) return refuse("no_identity");
  try {
    return await work(account);
  } finally {
    wipe(account.seed, account.selfKey, account.wordsKey, account.oldWordsKey, account.passphrase?.key, ...account.keys.map(({ secret }) => secret));
  }
}

/** What the person has said of somebody belongs into the vault. */
function told(account: Account, said: Result<void>): Result<void> {
  if (said.ok) account.unstored = true;
  return said;
}

const AccountRecord = "account";
const ConversationRecord = "conversation ";
