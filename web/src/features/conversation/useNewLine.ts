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
export function useNewLine(chat: Chat, id: string): NewLine {
  const [readUpTo, setReadUpTo] = useState<number | null>(() => {
    const opened = chat.conversations.state.get().get(id);
    return opened !== undefined && opened.unread > 0 ? opened.lastRead : null;
  });
  useEffect(() => {
    const present = (): Conversation | undefined => chat.conversations.state.get().get(id);
    let unread = present()?.unread ?? 0;
    return chat.conversations.state.subscribe(() => {
      const now = present();
      if (now === undefined) return;
      if (unread === 0 && now.unread > 0 && !isLooking()) setReadUpTo(now.lastRead);
      unread = now.unread;
    });
  }, [chat, id]);
  return { readUpTo, clear: () => setReadUpTo(null) };
}
