import { useCallback, useEffect, useMemo, useRef, useState, type KeyboardEvent, type ReactNode } from "react";
import { useText } from "../../i18n";
import { reaches } from "../../model/timeline";
import { Notice } from "../../ui/Notice";
import { Skeleton } from "../../ui/Skeleton";
import { useSelect, useStore } from "../../ui/useSelect";
import type { Conversation, Message, ReplyPreview } from "../../wire/shapes";
import { useChat } from "../app";
import { may } from "../rights";
import { Announcer } from "./Announcer";
import type { RowActions } from "./actions";
import { Composer } from "./Composer";
import styles from "./ConversationPane.module.css";
import { MessageList } from "./MessageList";
import { RemoveDialog } from "./RemoveDialog";
import { rowsOf, type Row } from "./rows";
import { TypingLine } from "./TypingLine";
import { useNewLine } from "./useNewLine";
import { useTypeAnywhere } from "./useTypeAnywhere";
import { rowId, type RowWindow } from "./useWindow";

/** More unread than this, and the page around the first of them is loaded instead of the newest. */
const NearEnd = 40;
const FlashFor = 2_000;

/** The messages of one channel and where to write, from opening to leaving. */
export function ConversationPane({ channel }: { readonly channel: Conversation }): ReactNode {
  const text = useText();
  const chat = useChat();
  const { id } = channel;
  const transcript = useMemo(() => chat.conversations.transcript(id), [chat, id]);
  const { timeline, first } = useStore(transcript.state);
  const pending = useSelect(chat.outbox.state, (items) => items.filter((item) => item.conversationId === id), sameItems);
  const line = useNewLine(chat, id);
  const [replyTo, setReplyTo] = useState<ReplyPreview | null>(null);
  const [editing, setEditing] = useState<string | null>(null);
  const [removing, setRemoving] = useState<Message | null>(null);
  const [target, setTarget] = useState<number | null>(null);
  const [flash, setFlash] = useState<string | null>(null);
  const list = useRef<RowWindow | null>(null);
  const field = useRef<HTMLTextAreaElement>(null);

  const messages = timeline?.messages;
  // The line stands above the first unread message, not above the first of those that happen to be loaded.
  const readUpTo = timeline !== null && line.readUpTo !== null && reaches(timeline, line.readUpTo) ? line.readUpTo : null;
  const rows = useMemo(
    () => rowsOf(messages ?? [], timeline?.atEnd ? pending : [], chat.me.id, readUpTo),
    [messages, timeline?.atEnd, pending, chat.me.id, readUpTo],
  );
  const latest = useRef({ rows, channel, line });
  latest.current = { rows, channel, line };

  useEffect(() => {
    const { unread, lastRead, lastSequence } = latest.current.channel;
    const far = unread > 0 && lastSequence - lastRead > NearEnd;
    void transcript.open(far ? lastRead + 1 : null);
  }, [transcript, timeline === null]); // eslint-disable-line react/exhaustive-deps -- opened anew when it was dropped

  useEffect(() => {
    if (!matchMedia("(pointer: coarse)").matches) field.current?.focus();
  }, []);

  useTypeAnywhere(field);

  const shine = useCallback((key: string) => {
    setFlash(key);
    setTimeout(() => setFlash((now) => (now === key ? null : now)), FlashFor);
  }, []);

  const actions = useMemo<RowActions>(
    () => ({
      reply: (message) => {
        setReplyTo({ id: message.id, sequence: message.sequence, senderId: message.senderId, excerpt: message.content.slice(0, 140), deleted: false });
        field.current?.focus();
      },
      edit: (message) => setEditing(message.id),
      stopEditing: () => {
        setEditing(null);
        field.current?.focus();
      },
      remove: (message) => setRemoving(message),
      react: (message, emoji) => chat.reactions.toggle(message, emoji),
      goToOrigin: (sequence) => {
        const row = latest.current.rows.find(({ order }) => order === sequence);
        if (row) {
          list.current?.goTo(row.key);
          shine(row.key);
        } else {
          setTarget(sequence);
          void transcript.jump(sequence);
        }
      },
      retry: (item) => chat.outbox.retry(item.clientId),
      discard: (item) => chat.outbox.discard(item.clientId),
      takeBack: (item) => {
        chat.outbox.discard(item.clientId);
        chat.drafts.giveBack(id, item.content);
        field.current?.focus();
      },
    }),
    [chat, id, shine, transcript],
  );

  const sent = (): void => {
    setReplyTo(null);
    line.clear();
    setTarget(null);
    if (timeline?.atEnd) list.current?.goToEnd();
    else void transcript.jumpToPresent();
  };
  const stopRemoving = (): void => {
    setRemoving(null);
    setEditing(null);
    // The row that had the focus may be gone with its message.
    setTimeout(() => document.activeElement === document.body && field.current?.focus());
  };
  const toMessages = (): void => {
    const newest = list.current?.shown.at(-1);
    if (newest) document.getElementById(rowId(newest.key))?.focus();
  };
  const editLast = (): void => {
    const mine = rows.findLast((row) => row.kind === "message" && row.senderId === chat.me.id);
    if (mine?.kind === "message") actions.edit(mine.message);
  };
  const onRowKey = (event: KeyboardEvent, row: Row): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") field.current?.focus();
    else if (row.kind === "message" && !keyed(event, row.message, actions, chat.me.id, may(chat.me, "manage_messages"))) return;
    event.preventDefault();
  };

  const startAt = rows.find((row) => (target === null ? row.fresh : row.order >= target))?.key ?? null;
  return (
    <>
      {timeline === null ? (
        <div className={styles.waiting}>
          {first === "failed" ? <Notice onRetry={() => void transcript.open()}>{text.channel.failed}</Notice> : <Skeleton kind="message" rows={8} />}
        </div>
      ) : (
        <MessageList
          channel={channel}
          transcript={transcript}
          timeline={timeline}
          rows={rows}
          startAt={startAt}
          editing={editing}
          flash={flash}
          actions={actions}
          control={list}
          onRowKey={onRowKey}
        />
      )}
      <TypingLine conversationId={id} />
      <Composer
        channel={channel}
        field={field}
        replyTo={replyTo}
        onStopReply={() => setReplyTo(null)}
        onSent={sent}
        onEditLast={editLast}
        onLeave={toMessages}
      />
      <Announcer messages={messages ?? []} />
      {removing ? <RemoveDialog message={removing} onClose={stopRemoving} /> : null}
    </>
  );
}

const sameItems = <T,>(a: readonly T[], b: readonly T[]): boolean => a.length === b.length && a.every((one, at) => one === b[at]);

/** Single letters work while a message has the focus, and there only. */
function keyed(event: KeyboardEvent, message: Message, actions: RowActions, me: string, moderator: boolean): boolean {
  const mine = message.senderId === me;
  switch (event.key.toLowerCase()) {
    case "r":
      actions.reply(message);
      return true;
    case "e":
      if (mine) actions.edit(message);
      return mine;
    case "+":
      (event.currentTarget.ownerDocument.activeElement?.querySelector("[data-react]") as HTMLElement | null)?.click();
      return true;
    case "delete":
      if (mine || moderator) actions.remove(message);
      return mine || moderator;
    default:
      return false;
  }
}
