import type { LiveEvent } from "../wire/shapes";
import { Store } from "./Store";

/** Conversation → user → display name. */
export type TypingState = ReadonlyMap<string, ReadonlyMap<string, string>>;

const Shown = 6_000;
/** The server takes one in two seconds. */
const SentEvery = 3_000;

/** Who is writing where, for six seconds after the last sign of it or until their message comes. */
export class Typing {
  readonly state = new Store<TypingState>(new Map());
  private readonly timers = new Map<string, ReturnType<typeof setTimeout>>();
  private readonly sent = new Map<string, number>();

  constructor(
    private readonly me: string,
    private readonly tell: (conversationId: string) => void,
  ) {}

  happened(event: LiveEvent): void {
    if (event.kind === "message") this.set(event.message.conversationId, event.message.senderId, null);
    if (event.kind !== "typing" || event.userId === this.me) return;
    this.set(event.conversationId, event.userId, event.displayName);
    const key = `${event.conversationId} ${event.userId}`;
    this.timers.set(key, setTimeout(() => this.set(event.conversationId, event.userId, null), Shown));
  }

  /** I am writing: told at most every three seconds. */
  write(conversationId: string): void {
    const now = Date.now();
    if (now - (this.sent.get(conversationId) ?? 0) < SentEvery) return;
    this.sent.set(conversationId, now);
    this.tell(conversationId);
  }

  /** What I wrote is sent: the next letter is news again. */
  wrote(conversationId: string): void {
    this.sent.delete(conversationId);
  }

  stop(): void {
    for (const timer of this.timers.values()) clearTimeout(timer);
  }

  private set(conversationId: string, userId: string, name: string | null): void {
    clearTimeout(this.timers.get(`${conversationId} ${userId}`));
    const here = this.state.get().get(conversationId) ?? new Map<string, string>();
    if ((here.get(userId) ?? null) === name) return;
    const next = new Map(here);
    if (name === null) next.delete(userId);
    else next.set(userId, name);
    this.state.set(new Map(this.state.get()).set(conversationId, next));
  }
}
