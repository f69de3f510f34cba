import type { MessageEvent } from "../model/timeline";
import { reacted } from "../model/timeline";
import { counts, means, type Reader } from "../model/unread";
import type { ConversationChanges, Message, MessagePage, SyncAnswer } from "../wire/shapes";
import { message, page } from "./shapes";

type PageRequest = { before?: number } | { after: number } | { around: number };

/** One conversation as the server keeps it: dense revisions, one event each, answers as of the moment they are read. */
export class FakeChannel {
  readonly events: MessageEvent[] = [];
  revision = 0;
  /** The reader's watermark as the server has it. */
  lastRead = 0;
  private clock = 0;
  private readAt = 0;
  private messages: (Message & { readonly touched: number })[] = [];

  constructor(
    private readonly reader: Reader,
    readonly id = "c",
  ) {}

  get lastSequence(): number {
    return this.messages.length;
  }

  post(senderId: string, part: Partial<Message> = {}): Message {
    const sequence = this.messages.length + 1;
    const revision = ++this.revision;
    const posted = message(sequence, { conversationId: this.id, senderId, revision, ...part });
    this.messages.push({ ...posted, touched: revision });
    this.events.push({ kind: "message", message: this.present(posted) });
    if (senderId === this.reader.id) this.read(sequence);
    return posted;
  }

  edit(sequence: number, content: string): void {
    this.change(sequence, (revision, before) => {
      this.events.push({
        kind: "edited", conversationId: this.id, messageId: before.id, content, editedAt: revision, mentionUserIds: [], mentionRoleIds: [], revision,
      });
      return { ...before, content, editedAt: revision, revision };
    });
  }

  remove(sequence: number): void {
    this.change(sequence, (revision, before) => {
      this.events.push({ kind: "deleted", conversationId: this.id, messageId: before.id, sequence, revision });
      return { ...before, content: "", deleted: true, reactions: [], revision };
    });
  }

  react(sequence: number, userId: string, emoji: string): void {
    this.change(sequence, (revision, before) => {
      const added = !before.reactions.some((one) => one.emoji === emoji && one.userIds.includes(userId));
      this.events.push({ kind: "reaction", conversationId: this.id, messageId: before.id, emoji, userId, added, revision });
      return { ...before, reactions: reacted(before.reactions, emoji, userId, added) };
    });
  }

  /** Newest first, deleted ones left out, as the history route answers. */
  page(request: PageRequest, limit: number): MessagePage {
    const standing = this.messages.filter(({ deleted }) => !deleted).map((one) => this.present(one));
    const before = "before" in request ? request.before : undefined;
    if ("after" in request) {
      const newer = standing.filter(({ sequence }) => sequence > request.after);
      return page(newer.slice(0, limit).toReversed(), { before: true, after: newer.length > limit });
    }
    if ("around" in request) {
      const older = standing.filter(({ sequence }) => sequence <= request.around);
      const newer = standing.filter(({ sequence }) => sequence > request.around);
      const half = Math.floor(limit / 2);
      return page([...older.slice(-half), ...newer.slice(0, half)].toReversed(), { before: older.length > half, after: newer.length > half });
    }
    const older = standing.filter(({ sequence }) => before === undefined || sequence < before);
    return page(older.slice(-limit).toReversed(), { before: older.length > limit });
  }

  read(sequence: number): void {
    this.readAt = ++this.clock;
    this.lastRead = Math.max(this.lastRead, Math.min(sequence, this.lastSequence));
  }

  counts(): { readonly unread: number; readonly mentions: number } {
    const unread = this.messages.filter((one) => one.sequence > this.lastRead && counts(one, this.reader));
    return { unread: unread.length, mentions: unread.filter((one) => means(one, this.reader)).length };
  }

  private changes(since: number, most: number): ConversationChanges {
    const changed = this.messages.filter(({ touched }) => touched > since).toSorted((a, b) => a.touched - b.touched);
    return {
      conversationId: this.id,
      revision: this.revision,
      lastSequence: this.lastSequence,
      ...this.counts(),
      lastRead: this.lastRead,
      conversation: null,
      messages: changed.length > most ? [] : changed.map((one) => this.present(one)),
      truncated: changed.length > most,
    };
  }

  /** @param most Changed rows above which the answer is "truncated". */
  sync(since: number, most: number, readSince: number | null): SyncAnswer {
    const moved = readSince !== null && this.readAt >= readSince;
    const changed = since < this.revision || moved ? [this.changes(since, most)] : [];
    return { changed, added: [], removed: [], logEpoch: "e", serverTime: ++this.clock, more: false };
  }

  /** As a reader gets it: previews follow what they quote. */
  private present(one: Message): Message {
    const quoted = one.replyTo && this.messages.find(({ id }) => id === one.replyTo?.id);
    const { touched: _, ...plain } = one as Message & { touched?: number };
    if (!quoted || !one.replyTo) return plain;
    return { ...plain, replyTo: { ...one.replyTo, excerpt: quoted.deleted ? "" : quoted.content, deleted: quoted.deleted } };
  }

  private change(sequence: number, change: (revision: number, before: Message) => Message): void {
    const before = this.messages[sequence - 1];
    if (before === undefined || before.deleted) return;
    const revision = ++this.revision;
    this.messages[sequence - 1] = { ...change(revision, before), touched: revision };
  }
}
