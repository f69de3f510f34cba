import type { LiveEvent, SyncAnswer } from "../wire/shapes";

export interface SyncHost {
  /** @param readSince Server time from which on my own reading on other devices is of interest; null is none. */
  readonly ask: (revisions: ReadonlyMap<string, number>, partial: boolean, readSince: number | null) => Promise<SyncAnswer>;
  readonly revisions: () => ReadonlyMap<string, number>;
  readonly answered: (answer: SyncAnswer) => void;
  readonly happened: (events: readonly LiveEvent[]) => void;
  /** Runs work once, soon: with the next frame where there are frames. */
  readonly soon: (work: () => void) => void;
}

const RepairAfter = 50;
/** An answer that does not help is asked for again, yet never in a hurry. */
const RepairEvery = 500;
const RepairAgain = 2_000;

/**
 * Between the connection and the stores. Events are handed on once per frame, and not at all while a whole sync is
 * under way: they wait and are applied on top of its answer. Repairs ask for single conversations.
 */
export class Sync {
  private inbox: LiveEvent[] = [];
  private scheduled = false;
  private catchingUp = 0;
  private readonly broken = new Map<string, number>();
  private repairTimer: ReturnType<typeof setTimeout> | undefined;
  private mended = 0;
  /** Server time of the last whole answer: watermarks take no revision, so what moved since then is asked for by time. */
  private since: number | null = null;

  constructor(private readonly host: SyncHost) {}

  happened(event: LiveEvent): void {
    this.inbox.push(event);
    if (this.scheduled) return;
    this.scheduled = true;
    this.host.soon(() => {
      this.scheduled = false;
      this.flush();
    });
  }

  /** What came over a connection that is gone: what it tells, the next sync tells better. */
  forget(): void {
    this.inbox = [];
    this.broken.clear();
    clearTimeout(this.repairTimer);
    this.repairTimer = undefined;
  }

  /** Everything that was missed, in as many answers as it takes. Events wait from here on, through `first` too. */
  async all(first: () => Promise<void> = async () => undefined): Promise<void> {
    this.catchingUp++;
    try {
      await first();
      let began: number | null = null;
      for (let more = true; more; ) {
        const answer = await this.host.ask(this.host.revisions(), false, this.since);
        this.host.answered(answer);
        began ??= answer.serverTime;
        more = answer.more;
      }
      this.since = began;
    } finally {
      this.catchingUp--;
    }
    this.flush();
  }

  /** Asks for what changed in one conversation above a revision. Several requests that come close together are one. */
  repair(conversationId: string, revision: number): void {
    const known = this.broken.get(conversationId) ?? revision;
    this.broken.set(conversationId, Math.min(known, revision));
    const rest = this.mended + RepairEvery - Date.now();
    this.repairTimer ??= setTimeout(() => void this.mend(), Math.max(rest, RepairAfter));
  }

  private async mend(): Promise<void> {
    const asked = new Map(this.broken);
    this.broken.clear();
    try {
      const answer = await this.host.ask(asked, true, null);
      this.mended = Date.now();
      this.repairTimer = undefined;
      this.host.answered(answer);
    } catch {
      this.repairTimer = undefined;
      for (const [id, revision] of asked) this.broken.set(id, Math.min(this.broken.get(id) ?? revision, revision));
      this.repairTimer = setTimeout(() => void this.mend(), RepairAgain);
    }
  }

  private flush(): void {
    if (this.catchingUp > 0 || this.inbox.length === 0) return;
    const events = this.inbox;
    this.inbox = [];
    this.host.happened(events);
  }
}
