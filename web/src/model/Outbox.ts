import { isProblem } from "../wire/problem";
import type { Posted } from "../wire/ProtoSocket";
import type { ReplyPreview } from "../wire/shapes";
import type { Link } from "./Connection";
import { newId } from "./ids";
import { Store } from "./Store";

/** A message that this device wants sent, until it stands in the conversation. */
export interface Pending {
  readonly clientId: string;
  readonly conversationId: string;
  readonly content: string;
  readonly replyTo: ReplyPreview | null;
  readonly createdAt: number;
  readonly state: "queued" | "sending" | "sent" | "failed";
  /** Why it failed: the code of the refusal. */
  readonly code: string | null;
  /** The revision that it took, once the server has it. */
  readonly revision: number;
}

export interface OutboxHost {
  readonly link: () => Link | null;
  /** The server has it, yet its event has not come: ask for it. */
  readonly missing: (conversationId: string) => void;
}

const Delays = [1_000, 2_000, 4_000, 8_000, 15_000, 30_000];
/** How long an acknowledged message may take to show up before it is asked for. */
const EventWithin = 2_000;

/**
 * Sends in order, one at a time per conversation. A send that was not answered is repeated with the same client_id,
 * which the server stores once; so an item is in doubt at most until the next answer. Items are kept in `storage`, one
 * key each, so that a reload (or a second tab that sends the same one again) neither loses nor doubles any.
 */
export class Outbox {
  readonly state = new Store<readonly Pending[]>([]);
  private readonly attempts = new Map<string, number>();
  private readonly timers = new Map<string, ReturnType<typeof setTimeout>>();

  constructor(
    private readonly userId: string,
    private readonly host: OutboxHost,
    private readonly storage: Storage,
  ) {
    this.state.set(this.stored());
  }

  send(conversationId: string, content: string, replyTo: ReplyPreview | null): void {
    const createdAt = Date.now();
    this.put({ clientId: newId(createdAt), conversationId, content, replyTo, createdAt, state: "queued", code: null, revision: 0 });
    this.pump(conversationId);
  }

  retry(clientId: string): void {
    const item = this.find(clientId);
    if (item?.state !== "failed") return;
    this.put({ ...item, state: "queued", code: null });
    this.pump(item.conversationId);
  }

  /** Takes a failed one out; its text may go back to the composer. */
  discard(clientId: string): void {
    this.drop((item) => item.clientId === clientId && item.state === "failed");
  }

  /** The connection is live (again): whatever waits goes out. */
  resume(): void {
    this.attempts.clear();
    for (const item of this.state.get()) if (item.state === "sending") this.put({ ...item, state: "queued" });
    for (const id of new Set(this.state.get().map((item) => item.conversationId))) this.pump(id);
  }

  /** The conversation has been applied up to `revision`: what took a number up to there stands in it. */
  advanced(conversationId: string, revision: number): void {
    this.drop((item) => item.conversationId === conversationId && item.state === "sent" && item.revision <= revision);
  }

  /** It stands in the conversation though no acknowledgement came (it got lost, or another tab sent it). */
  arrived(clientId: string): void {
    this.drop((item) => item.clientId === clientId);
  }

  /** Forgets everything, on this device too. */
  clear(): void {
    this.stop();
    this.drop(() => true);
  }

  stop(): void {
    for (const timer of this.timers.values()) clearTimeout(timer);
    this.timers.clear();
  }

  private pump(conversationId: string): void {
    const link = this.host.link();
    const queue = this.state.get().filter((item) => item.conversationId === conversationId);
    const next = queue.find((item) => item.state === "queued");
    if (link === null || next === undefined || queue.some((item) => item.state === "sending")) return;
    clearTimeout(this.timers.get(conversationId));
    this.put({ ...next, state: "sending" });
    link
      .post({ conversationId, content: next.content, replyToId: next.replyTo?.id ?? null, clientId: next.clientId })
      .then((posted) => this.acknowledged(next.clientId, posted), (error: unknown) => this.refused(next.clientId, error))
      .finally(() => this.pump(conversationId));
  }

  private acknowledged(clientId: string, posted: Posted): void {
    this.attempts.delete(clientId);
    const item = this.find(clientId);
    if (item === undefined) return;
    this.put({ ...item, state: "sent", revision: posted.revision });
    setTimeout(() => this.find(clientId)?.state === "sent" && this.host.missing(item.conversationId), EventWithin);
  }

  private refused(clientId: string, error: unknown): void {
    const item = this.find(clientId);
    if (item?.state !== "sending") return;
    if (isProblem(error) && !error.passing) {
      this.put({ ...item, state: "failed", code: error.code });
      return;
    }
    const attempt = this.attempts.get(clientId) ?? 0;
    this.attempts.set(clientId, attempt + 1);
    const delay = (isProblem(error) && error.retryAfter) || (Delays[Math.min(attempt, Delays.length - 1)] ?? 0);
    // It keeps its turn: as long as it is "sending" nothing behind it goes out.
    this.timers.set(item.conversationId, setTimeout(() => this.again(item), delay));
  }

  private again(item: Pending): void {
    if (this.find(item.clientId)?.state === "sending") this.put({ ...item, state: "queued" });
    this.pump(item.conversationId);
  }

  private find(clientId: string): Pending | undefined {
    return this.state.get().find((item) => item.clientId === clientId);
  }

  private put(item: Pending): void {
    const known = this.find(item.clientId) !== undefined;
    this.state.update((all) => (known ? all.map((one) => (one.clientId === item.clientId ? item : one)) : [...all, item]));
    try {
      this.storage.setItem(this.key(item), JSON.stringify(item));
    } catch {
      // A full storage costs the survival of a reload, not the message: it is in memory and on its way.
    }
  }

  private drop(gone: (item: Pending) => boolean): void {
    for (const item of this.state.get().filter(gone)) {
      this.storage.removeItem(this.key(item));
      this.attempts.delete(item.clientId);
    }
    this.state.update((all) => (all.some(gone) ? all.filter((item) => !gone(item)) : all));
  }

  private key(item: Pending): string {
    return `united.outbox.${this.userId}.${item.clientId}`;
  }

  private stored(): Pending[] {
    const keys = Array.from({ length: this.storage.length }, (_, at) => this.storage.key(at) ?? "");
    return keys
      .filter((key) => key.startsWith(`united.outbox.${this.userId}.`))
      .map((key) => JSON.parse(this.storage.getItem(key) ?? "null") as Pending | null)
      .filter((item) => item !== null)
      .map((item) => (item.state === "failed" ? item : { ...item, state: "queued" as const }))
      .toSorted((a, b) => a.createdAt - b.createdAt);
  }
}
