import { useEffect } from "react";
import { useText } from "../../i18n";
import { useSelect, useStore } from "../../ui/useSelect";
import { useApp, useChat } from "../app";

const Icons = { read: "/favicon.svg", unread: "/favicon-unread.svg" } as const;

/** `(3) #general — United`: the number counts mentions, a dot stands for other unread messages; the icon has it too. */
export function useTitle(channel: string | null, encrypted: string | null): void {
  const text = useText();
  const chat = useChat();
  const { session } = useApp();
  const server = useStore(session.server);
  const mark = useSelect(chat.conversations.state, (byId) => {
    const all = [...byId.values()];
    const mentions = all.reduce((sum, { mentions: count }) => sum + count, 0);
    return mentions > 0 ? `(${mentions}) ` : all.some(({ unread }) => unread > 0) ? "• " : "";
  });
  const name = useSelect(chat.conversations.state, (byId) => byId.get(channel ?? "")?.name);
  const whom = useSelect(chat.encrypted.state, ({ talks }) => talks.find(({ id }) => id === encrypted)?.name);
  const place = name === undefined ? whom : `#${name}`;
  useEffect(() => {
    document.title = `${mark}${place === undefined ? "" : `${place} — `}${server?.name ?? text.product}`;
  }, [mark, place, server?.name, text.product]);
  useEffect(() => {
    show(mark === "" ? "read" : "unread");
    return () => show("read");
  }, [mark]);
}

function show(icon: keyof typeof Icons): void {
  document.querySelector("link[rel=icon]")?.setAttribute("href", Icons[icon]);
}
