import type { Link } from "./Connection";

export interface ReadingHost {
  readonly link: () => Link | null;
  /** Takes it in here at once. */
  readonly read: (conversationId: string, sequence: number) => void;
  /** The server has it. */
  readonly told: (conversationId: string) => void;
  /** Tells the server in a way that outlives the page. */
  readonly leave: (conversationId: string, sequence: number) => void;
}

const ToldEvery = 1_000;

/** My read watermarks on their way to the server: at most one a second and conversation, kept while there is no line. */
export class Reading {
  private readonly untold = new Map<string, number>();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly host: ReadingHost) {}

  note(conversationId: string, sequence: number): void {
    this.host.read(conversationId, sequence);
    this.untold.set(conversationId, Math.max(sequence, this.untold.get(conversationId) ?? 0));
    this.timer ??= setTimeout(() => this.tell(), ToldEvery);
  }

  tell(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const link = this.host.link();
    if (link === null) return;
    for (const [id, sequence] of this.untold) {
      // Watermarks only move forward: a lost one is told again, and telling twice harms nobody.
      link.markRead(id, sequence).then(() => this.told(id, sequence), () => undefined);
    }
  }

  /** The page is going away. */
  leave(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    for (const [id, sequence] of this.untold) this.host.leave(id, sequence);
    this.untold.clear();
  }

  private told(conversationId: string, sequence: number): void {
    if (this.untold.get(conversationId) === sequence) this.untold.delete(conversationId);
    this.host.told(conversationId);
  }
}
