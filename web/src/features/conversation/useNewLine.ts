import { useEffect, useState } from "react";
import type { Chat } from "../../model/Chat";
import type { Conversation } from "../../wire/shapes";
import { isLooking } from "./useReading";

export interface NewLine {
  /** The line stands above the first message after this number that is not mine; null is no line. */
  readonly readUpTo: number | null;
  readonly clear: () => void;
}

/**
 * Where the line "new" is: set on opening and frozen, so that reading does not move it. It goes when I send or leave.
 * If messages come while nobody looks, it stands above the first of those.
 */
export function useNewLine(chat: Chat, channel: Conversation): NewLine {
  const [readUpTo, setReadUpTo] = useState<number | null>(channel.unread > 0 ? channel.lastRead : null);
  useEffect(() => {
    let unread = channel.unread;
    return chat.conversations.state.subscribe(() => {
      const now = chat.conversations.state.get().get(channel.id);
      if (now === undefined) return;
      if (unread === 0 && now.unread > 0 && !isLooking()) setReadUpTo(now.lastRead);
      unread = now.unread;
    });
  }, [chat, channel.id]); // eslint-disable-line react/exhaustive-deps -- the count at opening is where it starts from
  return { readUpTo, clear: () => setReadUpTo(null) };
}
