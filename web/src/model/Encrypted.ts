import type { UnlockWith } from "../crypto/backup";
import type { Correspondent } from "../crypto/Correspondent";
import { hexOf } from "../wire/hex";
import { isProblem } from "../wire/problem";
import type { Conversation, LiveEvent, User } from "../wire/shapes";
import { refusalOf, valueOf } from "./refusal";
import type { Sealings } from "./Sealings";
import { Store } from "./Store";
import { type Acquaintance, Talk } from "./Talk";

export type EncryptedPhase =
  /** Nobody has looked yet. */
  | "closed"
  /** The account has no identity key: nobody can write to it in secret. */
  | "none"
  /** It has one, and this device does not: the recovery words bring it here. */
  | "locked"
  /** It has one, and no backup of it is on the server. */
  | "lost"
  | "ready"
  | "failed";

export interface EncryptedState {
  readonly phase: EncryptedPhase;
  readonly error: unknown;
  readonly talks: readonly Acquaintance[];
}

export interface EncryptedHost {
  /** Loads the library and starts its worker: only once somebody has keys, or makes some. `died` where the worker is lost. */
  readonly open: (died: () => void) => Promise<{ readonly account: Correspondent; readonly close: () => void }>;
  readonly sealings: Sealings;
  readonly me: () => Promise<User>;
  /** The members; `anew` where somebody is among them who was not known. */
  readonly users: (anew: boolean) => Promise<Iterable<User>>;
  /** Everybody's conversations as the log counts them: what is pushed and what was missed both arrive there. */
  readonly conversations: Store<ReadonlyMap<string, Conversation>>;
  readonly wait: (time: number) => Promise<void>;
}

/** The encrypted conversations of who is signed in: whether this device can read them, which there are, and each of them. */
export class Encrypted {
  readonly state = new Store<EncryptedState>({ phase: "closed", error: null, talks: [] });
  private readonly open = new Map<string, Talk>();
  private readonly asked = new Set<string>();
  private opening: ReturnType<EncryptedHost["open"]> | null = null;
  private looking: Promise<void> | null = null;

  constructor(private readonly host: EncryptedHost) {
    host.conversations.subscribe(() => this.advanced());
  }

  /** After every connect: what this device may read can have changed meanwhile. */
  async look(): Promise<void> {
    this.looking ??= this.lookOnce().finally(() => (this.looking = null));
    await this.looking;
  }

  stop(): void {
    for (const talk of this.open.values()) talk.stop();
    this.open.clear();
    this.shut();
  }

  /** Makes an identity, of which nobody knows yet. @returns The words: to be seen before {@link settle}. */
  async create(): Promise<readonly string[]> {
    const { engine } = await this.account();
    // What an interrupted attempt left behind was never published.
    await engine.forget();
    return valueOf(await engine.create()).words;
  }

  /** The words have been seen: the vault is stored, and then the keys are made known. */
  async settle(): Promise<void> {
    const account = await this.account();
    await account.store(true);
    await account.remote.introduce(await account.proof());
    await this.enter(account);
  }

  /** Sets this device up from the vault, or takes new words that another device has made. */
  async unlock(by: UnlockWith): Promise<void> {
    const account = await this.account();
    const { publicKey } = await this.host.me();
    const own = await account.engine.identity();
    const stored = await account.remote.backup();
    if (stored === null) return this.state.merge({ phase: "lost" });
    if (own !== null && hexOf(own) === publicKey) valueOf(await account.engine.merge(stored.blob, by));
    else {
      // Keys of an identity that the account has given up.
      if (own !== null) await account.engine.forget();
      valueOf(await account.engine.restore(stored.blob, by));
    }
    await this.enter(account);
  }

  /** Whether the backup opens with a passphrase too. */
  async hasPassphrase(): Promise<boolean> {
    return valueOf(await (await this.account()).engine.hasPassphrase());
  }

  /** From now on the backup opens with this passphrase too; with null only with the words. */
  async setPassphrase(passphrase: string | null): Promise<void> {
    const account = await this.account();
    valueOf(await account.engine.setPassphrase(passphrase));
    await account.store();
  }

  /** @returns Words that open nothing yet: to be seen before {@link renewWords}. */
  async newWords(): Promise<readonly string[]> {
    return (await this.account()).engine.newWords();
  }

  /** The words have been seen: from now on they open the backup, and those before do not. */
  async renewWords(words: readonly string[]): Promise<void> {
    const account = await this.account();
    valueOf(await account.engine.renewWords(words.join(" ")));
    await account.store();
  }

  /** The conversation with a member who has an identity key. */
  async converse(user: User): Promise<string> {
    const account = await this.account();
    const id = await account.remote.converse(account.peerOf(user.publicKey));
    await this.list(account);
    return id;
  }

  /** The one that is on the screen; what comes in it is opened from then on. */
  talk(acquaintance: Acquaintance): Talk {
    const known = this.open.get(acquaintance.id);
    if (known !== undefined) return known;
    const made = new Talk(acquaintance, { account: () => this.account(), sealings: this.host.sealings, wait: this.host.wait });
    this.open.set(acquaintance.id, made);
    return made;
  }

  happened(event: LiveEvent): void {
    if (this.state.get().phase !== "ready") return;
    if (event.kind === "talk") void this.relist();
    if (event.kind !== "key") return;
    for (const talk of this.open.values()) if (hexOf(talk.whom.peer) === event.identity) talk.renewKey();
  }

  private async lookOnce(): Promise<void> {
    try {
      const { publicKey } = await this.host.me();
      if (publicKey === "") return this.state.merge({ phase: "none", error: null });
      const account = await this.account();
      const own = await account.engine.identity();
      if (own !== null && hexOf(own) === publicKey) return await this.enter(account);
      this.state.merge({ phase: (await account.remote.backup()) === null ? "lost" : "locked", error: null });
    } catch (error) {
      this.failed(error);
    }
  }

  private async enter(account: Correspondent): Promise<void> {
    await account.catchUp();
    await account.publish(false);
    await this.list(account);
    await acknowledge(account);
    this.state.merge({ phase: "ready", error: null });
    for (const talk of this.open.values()) talk.resume();
  }

  /** Words that another device has renewed open the vault again; all else is told as it is. */
  private failed(error: unknown): void {
    // What is open stays open while the server can't be asked; the next connect looks again.
    if (isProblem(error, "session_ended") || (isProblem(error) && this.state.get().phase === "ready")) return;
    const renewed = refusalOf(error)?.code === "vault_not_opened";
    // What is neither the server's answer nor the library's is the device's own: the next look begins with a new worker.
    if (!isProblem(error) && refusalOf(error) === null) this.shut();
    this.state.merge(renewed ? { phase: "locked", error: null } : { phase: "failed", error });
  }

  /** What fails here is asked for again after the next connect. */
  private async relist(): Promise<void> {
    await this.account().then((account) => this.list(account)).catch(() => undefined);
  }

  private async list(account: Correspondent): Promise<void> {
    const talks = (await account.talks()).map(({ id, expired, peer }) => ({ id, expired, ...peer }));
    let members = byIdentity(await this.host.users(false));
    // Whoever wrote first may have become a member, or made their keys, only now.
    if (talks.some(({ publicKey }) => !members.has(hexOf(publicKey)))) members = byIdentity(await this.host.users(true));
    const listed = talks.map(({ id, publicKey, name, expired }): Acquaintance => {
      const member = members.get(hexOf(publicKey));
      return { id, name: member?.displayName ?? name, peer: publicKey, userId: member?.id ?? null, expired };
    });
    for (const { id, userId } of listed) if (this.open.get(id)?.whom.userId !== userId) this.leave(id);
    this.state.merge({ talks: listed });
  }

  /** Whoever took another identity is met anew under it; what was said under the old one stays to be read. */
  private leave(id: string): void {
    this.open.get(id)?.stop();
    this.open.delete(id);
  }

  /** The log has grown: conversations that are on the screen read on, and one that is not in the list yet is asked for. */
  private advanced(): void {
    if (this.state.get().phase !== "ready") return;
    const known = new Set(this.state.get().talks.map(({ id }) => id));
    for (const { id, kind, lastSequence } of this.host.conversations.get().values()) {
      if (kind !== "dm") continue;
      this.open.get(id)?.advanced(lastSequence);
      // Once: one that the list leaves out, because it was hidden, would be asked for without end.
      if (known.has(id) || lastSequence === 0 || this.asked.has(id)) continue;
      this.asked.add(id);
      void this.relist();
    }
  }

  private shut(): void {
    void this.opening?.then(({ close }) => close(), () => undefined);
    this.opening = null;
  }

  private async account(): Promise<Correspondent> {
    // Another worker takes the place of one that died: its state lies on the disk.
    this.opening ??= this.host.open(() => (this.opening = null));
    try {
      return (await this.opening).account;
    } catch (error) {
      this.opening = null;
      throw error;
    }
  }
}

/** The history keeps what waited here, and is what is read: nothing is lost by saying that it has been seen to. */
async function acknowledge({ remote }: Correspondent): Promise<void> {
  for (let waiting = await remote.waiting(); waiting.length > 0; waiting = await remote.waiting()) {
    if ((await remote.acknowledge(waiting.map(({ id }) => id))) === 0) return;
  }
}

const byIdentity = (users: Iterable<User>): ReadonlyMap<string, User> =>
  new Map([...users].filter(({ publicKey }) => publicKey !== "").map((user) => [user.publicKey, user]));
