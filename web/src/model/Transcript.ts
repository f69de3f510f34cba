import type { Message, MessagePage } from "../wire/shapes";
import { Store } from "./Store";
import { append, applied, fromPage, prepend, type MessageEvent, type Timeline } from "./timeline";

export type Edge = "idle" | "loading" | "failed";

export interface TranscriptState {
  /** null until the first page is there. */
  readonly timeline: Timeline | null;
  readonly first: Edge;
  readonly older: Edge;
  readonly newer: Edge;
}

export type LoadPage = (page: { before?: number } | { after: number } | { around: number }, limit: number) => Promise<MessagePage>;

const Empty: TranscriptState = { timeline: null, first: "idle", older: "idle", newer: "idle" };
const PageSize = 50;

/**
 * The loaded stretch of one conversation and the pages on their way. Owns the replay: what happens while a page is
 * under way is noted and applied once more on top of it, since the page may have been read before it.
 */
export class Transcript {
  readonly state = new Store<TranscriptState>(Empty);
  private meanwhile: MessageEvent[] = [];
  private flights = 0;
  /** Counts the stretches: a page for one that has been dropped is not wanted any more. */
  private stretch = 0;

  constructor(private readonly load: LoadPage) {}

  /** Loads the newest page, or the one around a number, unless something is loaded or loading already. */
  async open(around: number | null = null): Promise<void> {
    const { timeline, first } = this.state.get();
    if (timeline !== null || first === "loading") return;
    this.state.merge({ first: "loading" });
    await this.fetch("first", around === null ? {} : { around }, (_, page) => fromPage(page));
  }

  async loadOlder(): Promise<void> {
    const { timeline, older } = this.state.get();
    if (timeline === null || timeline.atStart || older === "loading") return;
    this.state.merge({ older: "loading" });
    await this.fetch("older", { before: timeline.low }, (now, page) => (now ? prepend(now, page) : now));
  }

  async loadNewer(): Promise<void> {
    const { timeline, newer } = this.state.get();
    if (timeline === null || timeline.atEnd || newer === "loading") return;
    this.state.merge({ newer: "loading" });
    await this.fetch("newer", { after: timeline.high }, (now, page) => (now ? append(now, page) : now));
  }

  /** Leaves what is loaded for the page around a number, unless that is loaded. */
  async jump(sequence: number): Promise<void> {
    const { timeline } = this.state.get();
    if (timeline !== null && sequence >= timeline.low && sequence <= timeline.high) return;
    this.drop();
    await this.open(sequence);
  }

  async jumpToPresent(): Promise<void> {
    if (this.state.get().timeline?.atEnd) return;
    this.drop();
    await this.open();
  }

  drop(): void {
    this.stretch++;
    this.state.set(Empty);
  }

  apply(events: readonly MessageEvent[]): void {
    if (this.flights > 0) this.meanwhile.push(...events);
    const { timeline } = this.state.get();
    if (timeline !== null) this.state.merge({ timeline: events.reduce(applied, timeline) });
  }

  /** Whole messages in their present state, as sync gives them. */
  synced(messages: readonly Message[]): void {
    this.apply(messages.map((message) => ({ kind: "message", message })));
  }

  private async fetch(
    edge: "first" | "older" | "newer",
    page: Parameters<LoadPage>[0],
    join: (now: Timeline | null, page: MessagePage) => Timeline | null,
  ): Promise<void> {
    const stretch = this.stretch;
    const from = this.meanwhile.length;
    this.flights++;
    try {
      const answer = await this.load(page, PageSize);
      if (stretch !== this.stretch) return;
      const joined = join(this.state.get().timeline, answer);
      const timeline = joined && this.meanwhile.slice(from).reduce(applied, joined);
      this.state.merge({ timeline, [edge]: "idle" });
    } catch {
      if (stretch === this.stretch) this.state.merge({ [edge]: "failed" });
    } finally {
      this.flights--;
      if (this.flights === 0) this.meanwhile = [];
    }
  }
}
