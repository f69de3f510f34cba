import { useCallback, useEffect, useRef } from "react";
import type { Chat } from "../../model/Chat";
import { reaches, type Timeline } from "../../model/timeline";
import type { Row } from "./rows";
import type { Looking } from "./useWindow";

const LookedAtFor = 500;

/** Somebody looks: the window is in front, and nothing lies over the conversation. */
export const isLooking = (): boolean =>
  document.visibilityState === "visible" && document.hasFocus() && document.querySelector("dialog[open]") === null;

/**
 * Moves my watermark over what I have seen: the last row whose lower edge was in view for half a second while I was
 * looking, if there is nothing unread above the view; or to the newest number where the end is in view.
 */
export function useReading(chat: Chat, conversationId: string, timeline: Timeline, rows: readonly Row[], look: () => Looking | null): () => void {
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const latest = useRef({ rows, timeline });
  latest.current = { rows, timeline };

  const check = useCallback(() => {
    timer.current = undefined;
    const conversation = chat.conversations.state.get().get(conversationId);
    const seen = look();
    if (!isLooking() || conversation === undefined || seen === null) return;
    if (conversation.lastRead >= conversation.lastSequence) return;
    const firstUnread = latest.current.rows.find((row) => row.order > conversation.lastRead);
    if (seen.atEnd) chat.reading.note(conversationId, conversation.lastSequence);
    else if (!reaches(latest.current.timeline, conversation.lastRead)) return;
    else if (firstUnread && firstUnread.order >= seen.first && seen.last > conversation.lastRead && seen.last !== Infinity) {
      chat.reading.note(conversationId, seen.last);
    }
  }, [chat, conversationId, look]);

  const soon = useCallback(() => {
    timer.current ??= setTimeout(check, LookedAtFor);
  }, [check]);

  useEffect(soon, [rows, soon]);
  useEffect(() => {
    window.addEventListener("focus", soon);
    document.addEventListener("visibilitychange", soon);
    return () => {
      clearTimeout(timer.current);
      timer.current = undefined;
      window.removeEventListener("focus", soon);
      document.removeEventListener("visibilitychange", soon);
    };
  }, [soon]);
  return soon;
}
