import { useEffect } from "react";
import { useText } from "../../i18n";
import { useSelect, useStore } from "../../ui/useSelect";
import { useApp, useChat } from "../app";

/** `(3) #general — United`: the number counts mentions, a dot stands for other unread messages. */
export function useTitle(current: string | null): void {
  const text = useText();
  const chat = useChat();
  const { session } = useApp();
  const server = useStore(session.server);
  const title = useSelect(chat.conversations.state, (byId) => {
    const all = [...byId.values()];
    const mentions = all.reduce((sum, { mentions: count }) => sum + count, 0);
    const mark = mentions > 0 ? `(${mentions}) ` : all.some(({ unread }) => unread > 0) ? "• " : "";
    const name = byId.get(current ?? "")?.name;
    return `${mark}${name === undefined ? "" : `#${name} — `}${server?.name ?? text.product}`;
  });
  useEffect(() => {
    document.title = title;
  }, [title]);
}
