import type { Message, User } from "../wire/shapes";
import { reaches, type Timeline } from "./timeline";

/** Counts are shown, and kept by the server, up to this number. */
export const MostShown = 999;

export interface Reader {
  readonly id: string;
  readonly roleIds: readonly string[];
}

export interface Counts {
  readonly unread: number;
  readonly mentions: number;
}

export const readerOf = (user: User): Reader => ({ id: user.id, roleIds: user.roleIds });

/** One's own messages and system lines never make unread. */
export const counts = (message: Message, reader: Reader): boolean =>
  message.senderId !== reader.id && message.type !== "system" && !message.deleted;

/** The message means this reader: by name, by role, as everybody, or by replying to them. */
export const means = (message: Message, reader: Reader): boolean =>
  message.mentionEveryone ||
  message.mentionUserIds.includes(reader.id) ||
  message.mentionRoleIds.some((id) => reader.roleIds.includes(id)) ||
  message.replyTo?.senderId === reader.id;

/**
 * What is above the watermark, or null where not everything above it is loaded. A page may bring messages whose events
 * have not come yet: those above `lastSequence` are not counted before their turn.
 */
export function countUnread(timeline: Timeline | null, lastRead: number, lastSequence: number, reader: Reader): Counts | null {
  if (timeline === null || !timeline.atEnd || !reaches(timeline, lastRead)) return null;
  const above = timeline.messages.filter(({ sequence }) => sequence > lastRead && sequence <= lastSequence);
  const unread = above.filter((message) => counts(message, reader));
  const mentions = unread.filter((message) => means(message, reader));
  return { unread: Math.min(unread.length, MostShown), mentions: Math.min(mentions.length, MostShown) };
}
