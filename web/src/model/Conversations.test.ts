import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FakeChannel } from "../testing/FakeChannel";
import fc from "../testing/generated";
import { conversation, message } from "../testing/shapes";
import type { LiveEvent, Message, MessagePage, SyncAnswer } from "../wire/shapes";
import { Conversations } from "./Conversations";
import { Sync } from "./Sync";
import { fromPage } from "./timeline";
import { countUnread } from "./unread";

const me = { id: "me", roleIds: ["crew"] };
const posted = (sequence: number, part: Partial<Message> = {}): LiveEvent => ({ kind: "message", message: message(sequence, part) });

function stage(part = {}) {
  const repair = vi.fn();
  const resync = vi.fn();
  const conversations = new Conversations({
    reader: () => me, load: () => new Promise(() => undefined), repair, resync, advanced: () => undefined,
  });
  conversations.reset([conversation(part)]);
  return { conversations, repair, resync, channel: () => conversations.state.get().get("c") };
}

describe("the gate", () => {
  it("applies events in the order of their revision, whatever order they came in", () => {
    const { conversations, channel } = stage();
    conversations.happened([posted(2), posted(1), posted(3)]);
    expect(channel()).toMatchObject({ revision: 3, lastSequence: 3, unread: 3 });
  });

  it("drops what it has applied already", () => {
    const { conversations, channel, repair } = stage();
    conversations.happened([posted(1), posted(1)]);
    conversations.happened([posted(1)]);
    expect(channel()).toMatchObject({ revision: 1, unread: 1 });
    expect(repair).not.toHaveBeenCalled();
  });

  it("holds what comes too early and asks for what is missing", () => {
    const { conversations, channel, repair } = stage();
    conversations.happened([posted(1), posted(3)]);
    expect(channel()).toMatchObject({ revision: 1, lastSequence: 1 });
    expect(repair).toHaveBeenCalledWith("c", 1);
  });

  it("asks for the whole when it hears of a conversation that it does not know", () => {
    const { conversations, resync } = stage();
    conversations.happened([posted(1, { conversationId: "another" })]);
    expect(resync).toHaveBeenCalledOnce();
  });
});

describe("unread counts", () => {
  it("leave out my own messages and system lines, and count mentions apart", () => {
    const { conversations, channel } = stage();
    conversations.happened([
      posted(1, { senderId: "me" }),
      posted(2, { type: "system" }),
      posted(3),
      posted(4, { mentionUserIds: ["me"] }),
      posted(5, { mentionRoleIds: ["crew"] }),
      posted(6, { mentionEveryone: true }),
      posted(7, { replyTo: { id: "m1", sequence: 1, senderId: "me", excerpt: "", deleted: false } }),
    ]);
    expect(channel()).toMatchObject({ unread: 5, mentions: 4 });
  });

  it("stop at 999", () => {
    const { conversations, channel } = stage({ unread: 999, lastSequence: 1500, revision: 1500 });
    conversations.happened([posted(1501)]);
    expect(channel()?.unread).toBe(999);
  });

  it("are gone once I have read to the end, and never come back by reading less", () => {
    const { conversations, channel } = stage({ unread: 4, lastSequence: 4, revision: 4 });
    conversations.read("c", 4);
    expect(channel()).toMatchObject({ unread: 0, lastRead: 4 });
    conversations.read("c", 2);
    expect(channel()?.lastRead).toBe(4);
  });

  it("follow what another device of mine has read, unless this one has read further", () => {
    const { conversations, channel } = stage({ unread: 4, lastSequence: 4, revision: 4 });
    conversations.happened([{ kind: "unread", conversationId: "c", unread: 1, mentions: 0, lastRead: 3 }]);
    expect(channel()).toMatchObject({ unread: 1, lastRead: 3 });
    conversations.happened([{ kind: "unread", conversationId: "c", unread: 4, mentions: 0, lastRead: 0 }]);
    expect(channel()).toMatchObject({ unread: 1, lastRead: 3 });
  });

  it("are asked for when something unread was deleted that is not loaded", () => {
    const { conversations, repair } = stage({ unread: 2, lastSequence: 2, revision: 2 });
    conversations.happened([{ kind: "deleted", conversationId: "c", messageId: "m2", sequence: 2, revision: 3 }]);
    expect(repair).toHaveBeenCalledWith("c", 2);
  });

  it("move with a message that I sent: it takes my watermark along", () => {
    const { conversations, channel } = stage({ unread: 1, lastSequence: 1, revision: 1 });
    conversations.happened([posted(2, { senderId: "me" })]);
    expect(channel()).toMatchObject({ lastRead: 2, unread: 0 });
  });
});

describe("the list", () => {
  it("takes a new channel in with nothing unread, changes of it keep what is mine, and lets a removed one go", () => {
    const { conversations } = stage();
    const fresh = conversation({ id: "d", name: "garden", revision: 1, lastSequence: 1, unread: 7 });
    conversations.happened([{ kind: "channel", change: "created", channel: fresh }]);
    expect(conversations.state.get().get("d")).toMatchObject({ name: "garden", unread: 0 });
    conversations.happened([posted(2, { conversationId: "d" })]);
    conversations.happened([{ kind: "channel", change: "updated", channel: { ...fresh, name: "plants", revision: 3 } }]);
    expect(conversations.state.get().get("d")).toMatchObject({ name: "plants", unread: 1, revision: 3 });
    conversations.happened([{ kind: "channel-removed", conversationId: "d" }]);
    expect(conversations.state.get().has("d")).toBe(false);
  });
});

/** A client beside a server whose pushes and answers the test lets through one by one, or loses. */
class Line {
  readonly channel = new FakeChannel(me);
  readonly conversations: Conversations;
  readonly sync: Sync;
  private delivered = 0;
  private readonly answers: (() => void)[] = [];

  constructor(private readonly most: number) {
    this.sync = new Sync({
      ask: (revisions, _, readSince) => this.later(this.channel.sync(revisions.get("c") ?? 0, this.most, readSince)),
      revisions: () => this.conversations.revisions(),
      answered: (answer: SyncAnswer) => this.conversations.synced(answer),
      happened: (events) => this.conversations.happened(events),
      soon: (work) => work(),
    });
    this.conversations = new Conversations({
      reader: () => me,
      load: (_, request, limit) => this.later<MessagePage>(this.channel.page(request, Math.min(limit, 4))),
      repair: (id, revision) => this.sync.repair(id, revision),
      resync: () => void this.sync.all(),
      advanced: () => undefined,
    });
    this.conversations.reset([conversation()]);
  }

  push(twice: boolean): void {
    const event = this.channel.events[this.delivered];
    if (event === undefined) return;
    this.delivered++;
    this.sync.happened(event);
    if (twice) this.sync.happened(event);
  }

  /** The connection breaks: what was not delivered is lost; after the next connect the client syncs. */
  reconnect(): void {
    this.sync.forget();
    this.delivered = this.channel.events.length;
    void this.sync.all();
  }

  /** I read what I have, and the server hears of it. */
  read(sequence: number): void {
    const known = Math.min(sequence, this.conversations.state.get().get("c")?.lastSequence ?? 0);
    this.conversations.read("c", known);
    this.channel.read(known);
    this.conversations.recount("c");
  }

  /** Another device of mine reads; the push about it may get lost. */
  readElsewhere(sequence: number, lost: boolean): void {
    this.channel.read(sequence);
    if (lost) return;
    const { lastRead } = this.channel;
    this.sync.happened({ kind: "unread", conversationId: "c", ...this.channel.counts(), lastRead });
  }

  answer(): void {
    this.answers.shift()?.();
  }

  async settle(): Promise<void> {
    for (let round = 0; round < 6; round++) {
      while (this.delivered < this.channel.events.length) this.push(false);
      while (this.answers.length > 0) {
        this.answer();
        await vi.advanceTimersByTimeAsync(100);
      }
      await vi.advanceTimersByTimeAsync(3_000);
    }
  }

  private later<T>(answer: T): Promise<T> {
    return new Promise((resolve) => this.answers.push(() => resolve(answer)));
  }
}

const step = fc.oneof(
  fc.record({ do: fc.constant("post" as const), by: fc.constantFrom("me", "ada", "bob"), reply: fc.nat(12) }),
  fc.record({ do: fc.constantFrom("edit", "remove", "react", "read", "elsewhere", "unheard").map((one) => one as "edit"), at: fc.integer({ min: 1, max: 12 }) }),
  fc.record({ do: fc.constantFrom("push", "twice", "answer", "answer", "reconnect", "open", "older", "newer", "jump", "present").map((one) => one as "push") }),
);

describe("any interleaving of pushes, doubles, lost events, pages and sync answers", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("ends in the same list and the same counts as a fresh load", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60 }), fc.constantFrom(3, Infinity), async (steps, most) => {
        const line = new Line(most);
        const transcript = line.conversations.transcript("c");
        line.reconnect();
        line.answer();
        await vi.advanceTimersByTimeAsync(0);
        let text = 0;
        for (const one of steps) {
          const { channel } = line;
          switch (one.do as string) {
            case "post": {
              const { by, reply } = one as { by: string; reply: number };
              const quoted = reply > 0 && reply <= channel.lastSequence ? { id: `m${reply}`, sequence: reply, senderId: "ada", excerpt: "", deleted: false } : null;
              channel.post(by, { replyTo: quoted });
              break;
            }
            case "edit": channel.edit((one as { at: number }).at, `text ${++text}`); break;
            case "remove": channel.remove((one as { at: number }).at); break;
            case "react": channel.react((one as { at: number }).at, ["me", "ada"][text++ % 2] ?? "", "👍"); break;
            case "read": line.read((one as { at: number }).at); break;
            case "elsewhere": line.readElsewhere((one as { at: number }).at, false); break;
            case "unheard": line.readElsewhere((one as { at: number }).at, true); break;
            case "push": line.push(false); break;
            case "twice": line.push(true); break;
            case "answer": line.answer(); break;
            case "reconnect": line.reconnect(); break;
            case "open": void transcript.open(); break;
            case "older": void transcript.loadOlder(); break;
            case "newer": void transcript.loadNewer(); break;
            case "jump": void transcript.jump(3); break;
            default: void transcript.jumpToPresent();
          }
          await vi.advanceTimersByTimeAsync(10);
        }
        await line.settle();
        line.reconnect();
        await line.settle();

        const fresh = fromPage(line.channel.page({}, 1_000));
        const channel = line.conversations.state.get().get("c");
        expect(channel?.lastRead).toBe(line.channel.lastRead);
        expect(channel).toMatchObject({ revision: line.channel.revision, lastSequence: line.channel.lastSequence });
        expect(channel).toMatchObject(countUnread(fresh, channel?.lastRead ?? 0, Infinity, me) ?? {});
        const { timeline } = transcript.state.get();
        if (timeline === null) return;
        const within = fresh.messages.filter(({ sequence }) => sequence >= timeline.low && (timeline.atEnd || sequence <= timeline.high));
        expect(timeline.messages).toEqual(within);
      }),
      { numRuns: 1000 },
    );
  }, 60_000);
});
