import { useEffect, useMemo, useRef, type ReactNode } from "react";
import { problemText, useText } from "../../i18n";
import type { Talk } from "../../model/Talk";
import { Notice } from "../../ui/Notice";
import { Skeleton } from "../../ui/Skeleton";
import { useSelect, useStore } from "../../ui/useSelect";
import { useChat } from "../app";
import { Announcer } from "../conversation/Announcer";
import panes from "../conversation/ConversationPane.module.css";
import { useNewLine } from "../conversation/useNewLine";
import { isLooking } from "../conversation/useReading";
import { useTypeAnywhere } from "../conversation/useTypeAnywhere";
import { EncryptedComposer } from "./EncryptedComposer";
import { EncryptedMessages } from "./EncryptedMessages";
import { messageOf } from "./rows";

interface PaneProps {
  readonly talk: Talk;
  readonly onCompare: () => void;
}

/** The messages of one encrypted conversation and where to write, from opening to leaving. */
export function EncryptedPane({ talk, onCompare }: PaneProps): ReactNode {
  const text = useText();
  const chat = useChat();
  const { id } = talk.whom;
  const { phase, error, entries } = useStore(talk.state);
  const field = useRef<HTMLTextAreaElement>(null);
  const toEnd = useRef<() => void>(() => undefined);
  const line = useNewLine(chat, id);
  const messages = useMemo(() => entries.map((entry) => messageOf(entry, id)), [entries, id]);
  const sent = (): void => {
    line.clear();
    toEnd.current();
  };
  useSeen(id, phase === "ready");
  useTypeAnywhere(field);
  useEffect(() => {
    if (!matchMedia("(pointer: coarse)").matches) field.current?.focus();
  }, []);
  return (
    <>
      {phase === "ready" ? (
        <EncryptedMessages talk={talk} messages={messages} readUpTo={line.readUpTo} toEnd={toEnd} onCompare={onCompare} />
      ) : (
        <div className={panes.waiting}>
          {phase === "failed" ? (
            <Notice onRetry={() => talk.resume()}>
              {text.channel.failed} {problemText(text, error)}
            </Notice>
          ) : (
            <Skeleton kind="message" rows={8} />
          )}
        </div>
      )}
      <EncryptedComposer talk={talk} field={field} onSent={sent} />
      <Announcer messages={messages} />
    </>
  );
}

/** What is in an open conversation counts as read while somebody looks at it. */
function useSeen(id: string, ready: boolean): void {
  const chat = useChat();
  const unread = useSelect(chat.conversations.state, (byId) => {
    const conversation = byId.get(id);
    return conversation !== undefined && conversation.lastSequence > conversation.lastRead ? conversation.lastSequence : 0;
  });
  useEffect(() => {
    const look = (): void => {
      if (ready && unread > 0 && isLooking()) chat.reading.note(id, unread);
    };
    look();
    window.addEventListener("focus", look);
    document.addEventListener("visibilitychange", look);
    return () => {
      window.removeEventListener("focus", look);
      document.removeEventListener("visibilitychange", look);
    };
  }, [chat, id, ready, unread]);
}
