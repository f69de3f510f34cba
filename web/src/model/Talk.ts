import type { Correspondent } from "../crypto/Correspondent";
import type { Sealed } from "../crypto/correspondence";
import type { Missing } from "../crypto/Ledger";
import type { Letter } from "../crypto/Relay";
import { isProblem } from "../wire/problem";
import { newId } from "./ids";
import { type Entry, entriesOf, type Opened } from "./letters";
import { refusalOf, valueOf } from "./refusal";
import type { Sealings } from "./Sealings";
import { Store } from "./Store";

/** Somebody whom I write with, and the conversation that we have. */
export interface Acquaintance {
  readonly id: string;
  readonly name: string;
  /** The identity that the conversation is with. */
  readonly peer: Uint8Array;
  /** Null once that is not the identity of any member here: there is nobody left to write to. */
  readonly userId: string | null;
  /** What waited so long for me that the server holds it ready no more: it stands in the history, as long as I have not read it. */
  readonly expired: number;
}

/** A text of mine on its way. It is kept in memory; sealed, it outlives the page. */
export interface Unsent {
  readonly clientId: string;
  readonly text: string;
  readonly createdAt: number;
  /** Why it was not taken; null while it is under way. */
  readonly error: unknown;
}

export interface TalkState {
  readonly phase: "loading" | "ready" | "failed";
  readonly error: unknown;
  /** Oldest first. */
  readonly entries: readonly Entry[];
  /** Messages that were sent and have not come, among what is loaded. */
  readonly missing: readonly Missing[];
  readonly unsent: readonly Unsent[];
  readonly atStart: boolean;
  readonly older: "idle" | "loading" | "failed";
  readonly trust: "unverified" | "verified" | "changed";
  /** Their identity was another one when this device last saw them. */
  readonly isNew: boolean;
}

export interface TalkHost {
  readonly account: () => Promise<Correspondent>;
  readonly sealings: Sealings;
  readonly wait: (time: number) => Promise<void>;
}

const PageSize = 50;
/** Milliseconds between the repetitions of a send that was not answered; the last one again and again. */
const Delays = [1_000, 2_000, 4_000, 8_000, 15_000];

/** One encrypted conversation while it is looked at. It reads by pages from the server alone, so nothing is opened out of turn. */
export class Talk {
  readonly state = new Store<TalkState>({
    phase: "loading", error: null, entries: [], missing: [], unsent: [], atStart: false, older: "idle", trust: "unverified", isNew: false,
  });
  private readonly letters = new Map<number, Opened>();
  private reading: Promise<void> = Promise.resolve();
  private sending: Promise<void> = Promise.resolve();
  private highest = 0;
  private wanted = 0;
  private met = false;
  private over = false;

  constructor(
    readonly whom: Acquaintance,
    private readonly host: TalkHost,
  ) {}

  /** Loads the newest page, or what came since. */
  resume(): void {
    this.reading = this.reading.then(() => this.read());
  }

  stop(): void {
    this.over = true;
  }

  /** The conversation has grown up to this number. */
  advanced(sequence: number): void {
    if (sequence <= this.wanted) return;
    this.wanted = sequence;
    if (this.met) this.resume();
  }

  renewKey(): void {
    if (this.met) this.reading = this.reading.then(() => this.adopt()).catch(() => undefined);
  }

  loadOlder(): void {
    const { atStart, older } = this.state.get();
    const first = this.first;
    if (atStart || older === "loading" || first === null) return;
    this.state.merge({ older: "loading" });
    this.reading = this.reading.then(() => this.readOlder(first));
  }

  send(text: string): void {
    const item: Unsent = { clientId: newId(), text, createdAt: Date.now(), error: null };
    this.state.update((state) => ({ ...state, unsent: [...state.unsent, item] }));
    this.queue(item);
  }

  retry(clientId: string): void {
    const item = this.state.get().unsent.find((one) => one.clientId === clientId);
    if (item === undefined || item.error === null) return;
    this.mark(clientId, null);
    this.queue(item);
  }

  discard(clientId: string): void {
    this.state.update((state) => ({ ...state, unsent: state.unsent.filter((one) => one.clientId !== clientId) }));
  }

  async safetyNumber(): Promise<readonly string[]> {
    return valueOf(await (await this.host.account()).engine.safetyNumber(this.whom.peer)).groups;
  }

  /** The number of exactly this identity was compared. The other devices learn of it through the vault. */
  async verify(): Promise<void> {
    await this.judge((account, userId) => account.engine.verify(userId, this.whom.peer), "verified");
  }

  /** To go on without having compared. */
  async acceptChange(): Promise<void> {
    await this.judge((account, userId) => account.engine.acceptChange(userId, this.whom.peer), "unverified");
  }

  private async judge(say: (account: Correspondent, userId: string) => ReturnType<Correspondent["engine"]["verify"]>, trust: TalkState["trust"]): Promise<void> {
    const account = await this.host.account();
    if (this.whom.userId !== null) valueOf(await say(account, this.whom.userId));
    this.state.merge({ trust });
    await account.store();
  }

  private get first(): number | null {
    return this.letters.size === 0 ? null : Math.min(...this.letters.keys());
  }

  private async read(): Promise<void> {
    if (this.over) return;
    try {
      const account = await this.host.account();
      if (!this.met) await this.meet(account);
      await this.catchUp(account);
      this.state.merge({ phase: "ready", error: null });
    } catch (error) {
      this.state.merge(this.letters.size === 0 ? { phase: "failed", error } : { error });
    }
  }

  private async readOlder(before: number): Promise<void> {
    try {
      const account = await this.host.account();
      await this.take(account, await account.remote.page(this.whom.id, before, PageSize));
      this.state.merge({ older: "idle" });
    } catch {
      this.state.merge({ older: "failed" });
    }
  }

  /** Who has given up the identity is not met again: that would bring it back into use. */
  private async meet(account: Correspondent): Promise<void> {
    const { id, userId, peer } = this.whom;
    if (userId !== null) {
      const { trust, isNew } = valueOf(await account.engine.open(id, userId, peer));
      this.state.merge({ trust, isNew });
      await this.adopt();
    }
    this.met = true;
    this.sending = this.sending.then(() => this.handOver(account));
  }

  private async adopt(): Promise<void> {
    const { userId, peer } = this.whom;
    if (userId !== null) await (await this.host.account()).adoptKey({ id: userId, publicKey: peer });
  }

  /** Pages from the newest down to what is here already. */
  private async catchUp(account: Correspondent): Promise<void> {
    const known = this.highest;
    let before: number | null = null;
    for (let more = true; more; ) {
      const page: Awaited<ReturnType<Correspondent["remote"]["page"]>> = await account.remote.page(this.whom.id, before, PageSize);
      await this.take(account, page);
      before = page.letters.at(-1)?.sequence ?? null;
      more = page.more && before !== null && known > 0 && before > known + 1;
    }
  }

  private async take(account: Correspondent, { letters, more }: { readonly letters: readonly Letter[]; readonly more: boolean }): Promise<void> {
    const before = this.first;
    const { outcomes, missing } = valueOf(await account.engine.receive(this.whom.id, letters.flatMap(({ incoming }) => incoming ?? [])));
    const found = new Map(outcomes.map((outcome) => [outcome.sequence, outcome]));
    for (const letter of letters) this.letters.set(letter.sequence, { letter, outcome: found.get(letter.sequence) ?? null });
    this.highest = Math.max(this.highest, ...letters.map(({ sequence }) => sequence));
    const first = this.first;
    const atStart = first === before ? this.state.get().atStart || !more : !more;
    const entries = entriesOf([...this.letters.values()], account.inOrder);
    // Of what lies before the loaded stretch, nothing can be said to be missing.
    const holes = missing.filter(({ afterSequence }) => atStart || afterSequence >= (first ?? 0));
    const arrived = new Set(letters.map(({ clientId }) => clientId));
    this.state.update((state) => ({ ...state, atStart, entries, missing: holes, unsent: state.unsent.filter(({ clientId }) => !arrived.has(clientId)) }));
  }

  private queue(item: Unsent): void {
    this.sending = this.sending.then(() => this.deliver(item)).catch((error: unknown) => this.mark(item.clientId, error));
  }

  private async deliver(item: Unsent): Promise<void> {
    const account = await this.host.account();
    const sealed = valueOf(await this.sealed(account, item.text));
    this.host.sealings.add({ conversationId: this.whom.id, clientId: item.clientId, sealed });
    await this.hand(account, sealed, item.clientId);
  }

  /** Those that an earlier page could not bring to an end go first. */
  private async handOver(account: Correspondent): Promise<void> {
    for (const { sealed, clientId } of this.host.sealings.of(this.whom.id)) await this.hand(account, sealed, clientId).catch(() => undefined);
  }

  private async hand(account: Correspondent, sealed: Sealed, clientId: string): Promise<void> {
    try {
      const letter = await this.posted(account, sealed, clientId);
      if (letter === null) return;
      this.host.sealings.remove(clientId);
      this.advanced(letter.sequence);
    } catch (error) {
      // Whoever signs in again sends it then.
      if (isProblem(error, "session_ended")) throw error;
      this.host.sealings.remove(clientId);
      valueOf(await account.engine.abandon(this.whom.id, sealed.messageId));
      throw error;
    }
  }

  /** Who had no key when the conversation was opened may have published one since. */
  private async sealed(account: Correspondent, text: string): ReturnType<Correspondent["engine"]["seal"]> {
    const result = await account.engine.seal(this.whom.id, { kind: "text", text });
    if (result.ok || (result.refusal.code !== "no_peer_key" && result.refusal.code !== "key_expired")) return result;
    await this.adopt();
    return account.engine.seal(this.whom.id, { kind: "text", text });
  }

  /** The same bytes as often as it takes: the server stores them once. Null where the page is left first. */
  private async posted(account: Correspondent, sealed: Sealed, clientId: string): Promise<Letter | null> {
    for (let attempt = 0; !this.over; attempt++) {
      try {
        return await account.remote.send(this.whom.id, sealed, clientId);
      } catch (error) {
        if (!isProblem(error) || !error.passing) throw error;
        await this.host.wait(error.retryAfter ?? Delays[Math.min(attempt, Delays.length - 1)] ?? 0);
      }
    }
    return null;
  }

  private mark(clientId: string, error: unknown): void {
    if (refusalOf(error)?.code === "identity_changed") this.state.merge({ trust: "changed" });
    this.state.update((state) => ({ ...state, unsent: state.unsent.map((one) => (one.clientId === clientId ? { ...one, error } : one)) }));
  }
}
