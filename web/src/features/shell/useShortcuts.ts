import { useEffect } from "react";
import { useApp, useChat } from "../app";
import { ordered } from "../list/ordered";

/** Alt ↑ and Alt ↓ go through the channels, with Shift through those with something unread. */
export function useShortcuts(current: string | null): void {
  const chat = useChat();
  const { router } = useApp();
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      const step = event.key === "ArrowUp" ? -1 : event.key === "ArrowDown" ? 1 : 0;
      if (step === 0 || !event.altKey || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      const all = ordered(chat.conversations.state.get());
      const wanted = event.shiftKey ? all.filter(({ id, unread }) => unread > 0 || id === current) : all;
      const at = wanted.findIndex(({ id }) => id === current);
      const next = wanted[(at + step + wanted.length) % wanted.length];
      if (next) router.go({ at: "channel", id: next.id, members: false });
    };
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, [chat, router, current]);
}
