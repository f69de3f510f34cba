import type { Conversation, ConversationChanges, LiveEvent, SyncAnswer } from "../wire/shapes";
import { Store } from "./Store";
import { isMessageEvent, revisionOf, type MessageEvent } from "./timeline";
import { Transcript, type LoadPage } from "./Transcript";
import { counts, countUnread, means, MostShown, type Reader } from "./unread";

type ChannelEvent = Extract<LiveEvent, { kind: "channel" }>;
type MemberEvent = Extract<LiveEvent, { kind: "member" }>;
type Revised = MessageEvent | ChannelEvent | MemberEvent;

export interface ConversationsHost {
  readonly reader: () => Reader;
  readonly load: (conversationId: string, ...page: Parameters<LoadPage>) => ReturnType<LoadPage>;
  /** Something is missing between `revision` and what has been heard: ask for the changes above it. */
  readonly repair: (conversationId: string, revision: number) => void;
  /** A conversation that is not in the list was heard of. */
  readonly resync: () => void;
  /** Everything up to `revision` has been applied. */
  readonly advanced: (conversationId: string, revision: number) => void;
}

/** Transcripts kept in memory; the one not opened for longest goes first. */
const MostTranscripts = 20;

/**
 * The list of conversations and the gate before it: revisions of a conversation are dense, so each event is applied
 * right after its predecessor, a doubled one is dropped, and one that comes too early is held until a repair has
 * closed the gap. Owns the transcripts.
 */
export class Conversations {
  readonly state = new Store<ReadonlyMap<string, Conversation>>(new Map());
  private readonly transcripts = new Map<string, Transcript>();
  private readonly held = new Map<string, Map<number, Revised>>();
  /** Their counts were asked for; an answer older than what is known here does not do. */
  private readonly unsure = new Set<string>();

  constructor(private readonly host: ConversationsHost) {}

  transcript(id: string): Transcript {
    const known = this.transcripts.get(id) ?? this.begun(id);
    this.transcripts.delete(id);
    this.transcripts.set(id, known);
    const [oldest] = this.transcripts.keys();
    if (this.transcripts.size > MostTranscripts && oldest !== undefined) this.transcripts.delete(oldest);
    return known;
  }

  /** Once what is above the watermark is loaded, the counts are told by it. */
  private begun(id: string): Transcript {
    const transcript = new Transcript((...page) => this.host.load(id, ...page));
    transcript.state.subscribe(() => {
      const before = this.state.get().get(id);
      const exact = before && this.exact(before);
      if (exact && (exact.unread !== before.unread || exact.mentions !== before.mentions)) this.put([{ ...before, ...exact }]);
    });
    return transcript;
  }

  /** Starts anew from a list: nothing that was known before holds. */
  reset(conversations: readonly Conversation[]): void {
    this.held.clear();
    this.unsure.clear();
    for (const transcript of this.transcripts.values()) transcript.drop();
    this.state.set(new Map(conversations.map((conversation) => [conversation.id, conversation])));
  }

  /** What a sync asks above; one lower where the counts are in doubt, so that they come along. */
  revisions(): ReadonlyMap<string, number> {
    const known = (id: string, revision: number): number => (this.unsure.has(id) ? Math.max(0, revision - 1) : revision);
    return new Map([...this.state.get()].map(([id, { revision }]) => [id, known(id, revision)]));
  }

  add(conversation: Conversation): void {
    if (!this.state.get().has(conversation.id)) this.put([conversation]);
  }

  remove(id: string): void {
    this.transcripts.get(id)?.drop();
    this.transcripts.delete(id);
    this.held.delete(id);
    this.unsure.delete(id);
    this.state.update((byId) => (byId.has(id) ? new Map([...byId].filter(([other]) => other !== id)) : byId));
  }

  /** What was pushed, in the order in which it came. */
  happened(events: readonly LiveEvent[]): void {
    const touched = new Set<string>();
    for (const event of events) {
      if (isMessageEvent(event) || event.kind === "member" || event.kind === "channel") {
        const id = conversationOf(event);
        if (this.hold(id, event)) touched.add(id);
      } else if (event.kind === "channel-removed") {
        this.remove(event.conversationId);
        touched.delete(event.conversationId);
      } else if (event.kind === "unread") this.counted(event);
    }
    for (const id of touched) this.release(id);
  }

  synced(answer: SyncAnswer): void {
    for (const id of answer.removed) this.remove(id);
    for (const conversation of answer.added) this.add(conversation);
    for (const changes of answer.changed) this.caughtUp(changes);
  }

  /** I have read up to this number. Never moves back. */
  read(id: string, sequence: number): void {
    const conversation = this.state.get().get(id);
    if (conversation === undefined || sequence <= conversation.lastRead) return;
    this.put([this.recounted({ ...conversation, lastRead: sequence })]);
  }

  /** The watermark has moved: where the counts above it can't be told from what is loaded, the server is asked. */
  recount(id: string): void {
    const conversation = this.state.get().get(id);
    if (conversation === undefined || conversation.lastRead >= conversation.lastSequence || this.exact(conversation) !== null) return;
    this.unsure.add(id);
    this.host.repair(id, conversation.revision - 1);
  }

  private hold(id: string, event: Revised): boolean {
    const conversation = this.state.get().get(id);
    if (conversation === undefined) {
      if (event.kind === "channel" && event.change === "created") this.add(unread0(event.channel));
      else this.host.resync();
      return false;
    }
    const revision = revised(event);
    if (revision <= conversation.revision) return false;
    const held = this.held.get(id) ?? new Map<number, Revised>();
    this.held.set(id, held.set(revision, event));
    return true;
  }

  /** Applies what follows without a gap, and asks for what is missing before the rest. */
  private release(id: string): void {
    const conversation = this.state.get().get(id);
    const held = this.held.get(id);
    if (conversation === undefined || held === undefined) return;
    const events: Revised[] = [];
    for (let next = conversation.revision + 1; held.has(next); next++) {
      const event = held.get(next);
      if (event) events.push(event);
      held.delete(next);
    }
    if (events.length > 0) this.advance(conversation, events);
    if (held.size > 0) this.host.repair(id, conversation.revision + events.length);
    else this.held.delete(id);
  }

  private advance(before: Conversation, events: readonly Revised[]): void {
    this.transcripts.get(before.id)?.apply(events.filter(isMessageEvent));
    const reader = this.host.reader();
    const after = this.recounted(events.reduce((conversation, event) => stepped(conversation, event, reader), before));
    this.put([after]);
    this.host.advanced(after.id, after.revision);
    // What an edit or a deletion does to the counts can't be told from an event about a message that is not loaded.
    if (after.unread > 0 && events.some((event) => event.kind === "edited" || event.kind === "deleted")) this.recount(after.id);
  }

  private caughtUp(changes: ConversationChanges): void {
    const before = this.state.get().get(changes.conversationId);
    if (before === undefined) return;
    if (changes.revision < before.revision) return this.unsure.has(before.id) ? this.recount(before.id) : undefined;
    this.unsure.delete(before.id);
    const transcript = this.transcripts.get(before.id);
    if (changes.truncated) transcript?.drop();
    else transcript?.synced(changes.messages);
    const ahead = before.lastRead > changes.lastRead;
    const after = this.recounted({
      ...before,
      ...(changes.conversation ? named(changes.conversation) : {}),
      revision: changes.revision,
      lastSequence: Math.max(before.lastSequence, changes.lastSequence),
      lastRead: Math.max(before.lastRead, changes.lastRead),
      unread: ahead ? Math.min(before.unread, changes.unread) : changes.unread,
      mentions: ahead ? Math.min(before.mentions, changes.mentions) : changes.mentions,
    });
    this.put([after]);
    for (const revision of this.held.get(after.id)?.keys() ?? []) {
      if (revision <= after.revision) this.held.get(after.id)?.delete(revision);
    }
    this.host.advanced(after.id, after.revision);
    this.release(after.id);
    if (ahead) this.recount(after.id);
  }

  /** My own watermark moved on one of my devices. */
  private counted(event: Extract<LiveEvent, { kind: "unread" }>): void {
    const conversation = this.state.get().get(event.conversationId);
    if (conversation === undefined || event.lastRead < conversation.lastRead) return;
    const { lastRead, unread, mentions } = event;
    this.put([this.recounted({ ...conversation, lastRead, unread, mentions })]);
    // Which messages the server had counted by then can't be told from the event.
    this.recount(conversation.id);
  }

  private recounted(conversation: Conversation): Conversation {
    if (conversation.lastRead >= conversation.lastSequence) return { ...conversation, unread: 0, mentions: 0 };
    return { ...conversation, ...this.exact(conversation) };
  }

  private exact(conversation: Conversation): ReturnType<typeof countUnread> {
    const timeline = this.transcripts.get(conversation.id)?.state.get().timeline ?? null;
    return countUnread(timeline, conversation.lastRead, conversation.lastSequence, this.host.reader());
  }

  private put(changed: readonly Conversation[]): void {
    this.state.update((byId) => new Map([...byId, ...changed.map((one) => [one.id, one] as const)]));
  }
}

const conversationOf = (event: Revised): string =>
  event.kind === "message" ? event.message.conversationId : event.kind === "channel" ? event.channel.id : event.conversationId;

const revised = (event: Revised): number =>
  event.kind === "channel" ? event.channel.revision : event.kind === "member" ? event.revision : revisionOf(event);

/** A pushed conversation is the same for everybody; what is my own in it stays as it was. */
const named = ({ name, topic, category, position, private: isPrivate, readOnly }: Conversation): Partial<Conversation> => ({
  name, topic, category, position, private: isPrivate, readOnly,
});

/** Who joins starts with nothing unread. */
const unread0 = (conversation: Conversation): Conversation => ({
  ...conversation, lastRead: conversation.lastSequence, unread: 0, mentions: 0,
});

function stepped(before: Conversation, event: Revised, reader: Reader): Conversation {
  const after = { ...before, revision: revised(event) };
  if (event.kind === "channel") return { ...after, ...named(event.channel) };
  if (event.kind !== "message" || event.message.sequence <= before.lastSequence) return after;
  const { message } = event;
  const lastSequence = message.sequence;
  // Sending moves one's own watermark to the message.
  if (message.senderId === reader.id) return { ...after, lastSequence, lastRead: Math.max(before.lastRead, lastSequence), unread: 0, mentions: 0 };
  if (!counts(message, reader) || lastSequence <= before.lastRead) return { ...after, lastSequence };
  const mentions = before.mentions + (means(message, reader) ? 1 : 0);
  return { ...after, lastSequence, unread: Math.min(before.unread + 1, MostShown), mentions: Math.min(mentions, MostShown) };
}
