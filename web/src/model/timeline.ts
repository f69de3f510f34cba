import type { LiveEvent, Message, MessagePage, Reaction, ReplyPreview } from "../wire/shapes";

/**
 * What is loaded of one conversation: every message that stands in the stretch [low, high] of its numbers.
 *
 * Why the functions below lead to the same list as a fresh load, whatever comes in between:
 * - Events are applied in the order of their revision, none left out (the gate in `Conversations` sees to it), so
 *   after revision r the stretch is in the state of revision r, or newer where a page brought newer rows.
 * - A row that is newer than an event keeps what it has: edits and whole messages are applied only above the row's own
 *   revision. Reactions are set operations; replayed in order they end where the last one left them.
 * - A page that was asked for before an event and arrives after it may be older. `Transcript` replays the events
 *   that came meanwhile on top of it.
 */
export interface Timeline {
  /** Rising sequence; deleted ones are left out. */
  readonly messages: readonly Message[];
  readonly low: number;
  readonly high: number;
  /** The stretch begins at the first message there is. */
  readonly atStart: boolean;
  /** The stretch reaches the newest message; only then do new ones extend it. */
  readonly atEnd: boolean;
}

export type MessageEvent = Extract<LiveEvent, { kind: "message" | "edited" | "deleted" | "reaction" }>;

export const isMessageEvent = (event: LiveEvent): event is MessageEvent =>
  event.kind === "message" || event.kind === "edited" || event.kind === "deleted" || event.kind === "reaction";

export const revisionOf = (event: MessageEvent): number =>
  event.kind === "message" ? event.message.revision : event.revision;

/** Nothing between this number and what is loaded is missing. */
export const reaches = (timeline: Timeline, sequence: number): boolean => timeline.atStart || timeline.low <= sequence + 1;

export function fromPage(page: MessagePage): Timeline {
  const messages = rising(page);
  const low = messages[0]?.sequence ?? 1;
  const high = messages.at(-1)?.sequence ?? 0;
  return { messages: messages.filter(standing), low: page.hasBefore ? low : 1, high, atStart: !page.hasBefore, atEnd: !page.hasAfter };
}

/** A page that ends right below the stretch. */
export function prepend(timeline: Timeline, page: MessagePage): Timeline {
  const older = rising(page).filter((message) => message.sequence < timeline.low);
  const low = page.hasBefore ? (older[0]?.sequence ?? timeline.low) : 1;
  return { ...timeline, messages: [...older.filter(standing), ...timeline.messages], low, atStart: !page.hasBefore };
}

/** A page that begins right above the stretch. */
export function append(timeline: Timeline, page: MessagePage): Timeline {
  const newer = rising(page).filter((message) => message.sequence > timeline.high);
  const high = newer.at(-1)?.sequence ?? timeline.high;
  return { ...timeline, messages: [...timeline.messages, ...newer.filter(standing)], high, atEnd: !page.hasAfter };
}

export function applied(timeline: Timeline, event: MessageEvent): Timeline {
  switch (event.kind) {
    case "message":
      return withMessage(timeline, event.message);
    case "edited":
      return quoted(changed(timeline, event.messageId, (message) => edited(message, event)), event.messageId, event.content);
    case "deleted":
      return without(timeline, event.messageId);
    case "reaction":
      return changed(timeline, event.messageId, (message) => {
        const reactions = reacted(message.reactions, event.emoji, event.userId, event.added);
        return reactions === message.reactions ? message : { ...message, reactions };
      });
  }
}

const edited = (message: Message, event: Extract<MessageEvent, { kind: "edited" }>): Message =>
  message.revision >= event.revision
    ? message
    : {
        ...message,
        content: event.content,
        editedAt: event.editedAt,
        mentionUserIds: event.mentionUserIds,
        mentionRoleIds: event.mentionRoleIds,
        revision: event.revision,
      };

/** A message in its present state: new, or one that is known (or only quoted) in an older state. */
export function withMessage(timeline: Timeline, message: Message): Timeline {
  if (message.deleted) return stretched(without(timeline, message.id), message.sequence);
  if (message.sequence > timeline.high) {
    return timeline.atEnd ? stretched({ ...timeline, messages: [...timeline.messages, message] }, message.sequence) : timeline;
  }
  const at = position(timeline.messages, message.sequence);
  const known = timeline.messages[at];
  if (known?.sequence === message.sequence) {
    if (message.revision < known.revision) return timeline;
    return quoted({ ...timeline, messages: timeline.messages.with(at, message) }, message.id, message.content);
  }
  const messages = message.sequence < timeline.low ? timeline.messages : timeline.messages.toSpliced(at, 0, message);
  return quoted(messages === timeline.messages ? timeline : { ...timeline, messages }, message.id, message.content);
}

const stretched = (timeline: Timeline, sequence: number): Timeline =>
  timeline.atEnd && sequence > timeline.high ? { ...timeline, high: sequence } : timeline;

/** The sender's or anybody's reaction, put in or taken out; the same array if that changes nothing. */
export function reacted(reactions: readonly Reaction[], emoji: string, userId: string, added: boolean): readonly Reaction[] {
  const known = reactions.find((reaction) => reaction.emoji === emoji);
  if ((known?.userIds.includes(userId) ?? false) === added) return reactions;
  if (known === undefined) return [...reactions, { emoji, userIds: [userId] }];
  const userIds = added ? [...known.userIds, userId] : known.userIds.filter((id) => id !== userId);
  return userIds.length === 0
    ? reactions.filter((reaction) => reaction !== known)
    : reactions.map((reaction) => (reaction === known ? { emoji, userIds } : reaction));
}

const rising = (page: MessagePage): Message[] => page.messages.toSorted((a, b) => a.sequence - b.sequence);
const standing = (message: Message): boolean => !message.deleted;

function changed(timeline: Timeline, id: string, change: (message: Message) => Message): Timeline {
  const at = timeline.messages.findLastIndex((message) => message.id === id);
  const before = timeline.messages[at];
  const after = before === undefined ? undefined : change(before);
  return after === undefined || after === before ? timeline : { ...timeline, messages: timeline.messages.with(at, after) };
}

function without(timeline: Timeline, id: string): Timeline {
  const left = timeline.messages.filter((message) => message.id !== id);
  const rest = left.length === timeline.messages.length ? timeline : { ...timeline, messages: left };
  return quoting(rest, id, { excerpt: "", deleted: true });
}

const quoted = (timeline: Timeline, id: string, content: string): Timeline =>
  quoting(timeline, id, { excerpt: excerptOf(content), deleted: false });

/** What replies show of the message they answer follows it, also where that message itself is not loaded. */
function quoting(timeline: Timeline, id: string, now: Pick<ReplyPreview, "excerpt" | "deleted">): Timeline {
  const stale = ({ replyTo }: Message): boolean =>
    replyTo?.id === id && (replyTo.excerpt !== now.excerpt || replyTo.deleted !== now.deleted);
  if (!timeline.messages.some(stale)) return timeline;
  const messages = timeline.messages.map((message) =>
    message.replyTo !== null && stale(message) ? { ...message, replyTo: { ...message.replyTo, ...now } } : message,
  );
  return { ...timeline, messages };
}

/** The wire's excerpt is 140 characters. */
const excerptOf = (content: string): string => [...content].slice(0, 140).join("");

/** Index of the first message whose number is not below `sequence`. */
function position(messages: readonly Message[], sequence: number): number {
  let from = 0;
  let to = messages.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((messages[middle]?.sequence ?? 0) < sequence) from = middle + 1;
    else to = middle;
  }
  return from;
}
