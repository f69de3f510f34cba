import { useEffect, useRef, useState, type ReactNode } from "react";
import { useText } from "../../i18n";
import type { Message } from "../../wire/shapes";
import { useChat } from "../app";
import { isLooking } from "./useReading";

const Every = 2_000;
const Most = 3;
const Excerpt = 120;

/**
 * Tells those who listen of new messages while they look at the conversation: at most once in two seconds, several as
 * a number. Never history, edits, or what one wrote oneself.
 */
export function Announcer({ messages }: { readonly messages: readonly Message[] }): ReactNode {
  const text = useText();
  const chat = useChat();
  const [said, setSaid] = useState("");
  const newest = messages.at(-1)?.sequence ?? 0;
  const heard = useRef(newest);
  const waiting = useRef<Message[]>([]);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);

  useEffect(() => {
    // The first page, and one that was jumped to, is history.
    if (heard.current > 0 && newest > heard.current && isLooking()) {
      waiting.current.push(...messages.filter((message) => message.sequence > heard.current && message.senderId !== chat.me.id));
    }
    heard.current = newest;
    if (waiting.current.length === 0 || timer.current !== undefined) return;
    timer.current = setTimeout(() => {
      timer.current = undefined;
      const all = waiting.current.splice(0);
      const last = all.at(-1);
      if (last === undefined) return;
      const each = all.map(({ senderName, content }) => text.channel.arrived(senderName, [...content].slice(0, Excerpt).join("")));
      setSaid(all.length > Most ? text.channel.arrivedMany(all.length, last.senderName) : each.join("\n"));
    }, Every);
  }, [newest, messages, chat.me.id, text]);
  useEffect(() => () => clearTimeout(timer.current), []);

  return (
    <div className="visually-hidden" role="log" aria-live="polite" aria-relevant="additions text">
      {said}
    </div>
  );
}
