import { ArrowDown, ArrowUp } from "lucide-react";
import { useCallback, useEffect, useMemo, useState, type FocusEvent, type KeyboardEvent, type MouseEvent, type PointerEvent, type ReactNode, type RefObject } from "react";
import { format, useText } from "../../i18n";
import type { Timeline } from "../../model/timeline";
import type { Transcript } from "../../model/Transcript";
import { Button } from "../../ui/Button";
import { Notice } from "../../ui/Notice";
import { Skeleton } from "../../ui/Skeleton";
import { useStore } from "../../ui/useSelect";
import type { Conversation } from "../../wire/shapes";
import { useChat } from "../app";
import type { RowActions } from "./actions";
import { MessageRow } from "./MessageRow";
import styles from "./MessageList.module.css";
import { PendingRow } from "./PendingRow";
import type { Row } from "./rows";
import { useReading } from "./useReading";
import { rowId, useWindow, type RowWindow } from "./useWindow";

interface MessageListProps {
  readonly channel: Conversation;
  readonly transcript: Transcript;
  readonly timeline: Timeline;
  readonly rows: readonly Row[];
  /** The row to open at; null is the end. */
  readonly startAt: string | null;
  readonly editing: string | null;
  readonly flash: string | null;
  readonly actions: RowActions;
  readonly control: RefObject<RowWindow | null>;
  readonly onRowKey: (event: KeyboardEvent, row: Row) => void;
}

export function MessageList({ channel, transcript, timeline, rows, startAt, editing, flash, actions, control, onRowKey }: MessageListProps): ReactNode {
  const text = useText();
  const chat = useChat();
  const edges = useMemo(
    () => ({
      atStart: timeline.atStart,
      atEnd: timeline.atEnd,
      loadOlder: () => void transcript.loadOlder(),
      loadNewer: () => void transcript.loadNewer(),
    }),
    [timeline.atStart, timeline.atEnd, transcript],
  );
  const shownWindow = useWindow(rows, startAt, edges);
  const { viewport, content, shown, onScroll, look } = shownWindow;
  control.current = shownWindow;
  const { older, newer } = useStore(transcript.state);
  const loading = older === "loading" || newer === "loading";
  const reading = useReading(chat, channel.id, timeline, rows, look);
  const [pill, setPill] = useState({ end: false, fresh: false });
  const [active, setActive] = useState<string | null>(null);
  const [focused, setFocused] = useState<string | null>(null);

  const fresh = rows.find((row) => row.fresh);
  const survey = useCallback(() => {
    const seen = look();
    const next = { end: seen?.farFromEnd ?? false, fresh: seen !== null && fresh !== undefined && fresh.order < seen.first };
    setPill((now) => (now.end === next.end && now.fresh === next.fresh ? now : next));
  }, [look, fresh]);
  useEffect(survey, [survey, rows, shown]);

  const keyOf = (target: EventTarget): string | null => (target as Element).closest<HTMLElement>("[data-key]")?.dataset["key"] ?? null;
  const point = (event: PointerEvent): void => {
    if (event.pointerType === "mouse" && !pinned()) setActive(event.type === "pointerleave" ? null : keyOf(event.target));
  };
  const tap = (event: MouseEvent): void => {
    if (!matchMedia("(pointer: coarse)").matches || (event.target as Element).closest("button, a, textarea") !== null) return;
    const key = keyOf(event.target);
    setActive((now) => (now === key ? null : key));
  };
  const focus = (event: FocusEvent): void => {
    const key = keyOf(event.target);
    setFocused(key);
    if ((event.target as Element).matches(":focus-visible")) setActive(key);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const row = rows.find(({ key }) => key === keyOf(event.target));
    const own = event.target instanceof HTMLElement && event.target.dataset["key"] !== undefined;
    if (row === undefined || event.defaultPrevented) return;
    const to = own ? neighbour(event.key, shown, row) : null;
    if (to) {
      event.preventDefault();
      document.getElementById(rowId(to.key))?.focus();
    } else if (own || event.key === "Escape") onRowKey(event, row);
  };
  const inTabOrder = shown.some(({ key }) => key === focused) ? focused : (shown.at(-1)?.key ?? null);

  return (
    <div className={styles.frame}>
      <div ref={viewport} data-viewport className={styles.viewport} onScroll={() => { onScroll(); reading(); survey(); }}>
        <div ref={content} className={styles.content}>
          <Start channel={channel} transcript={transcript} timeline={timeline} />
          <div
            role={shown.length > 0 ? "feed" : undefined}
            aria-label={shown.length > 0 ? text.channel.messages(channel.name) : undefined}
            aria-busy={loading || undefined}
            onPointerOver={point}
            onPointerLeave={point}
            onClick={tap}
            onFocus={focus}
            onKeyDown={onKeyDown}
          >
            {shown.map((row) =>
              row.kind === "message" ? (
                <MessageRow
                  key={row.key}
                  row={row}
                  active={row.key === active}
                  inTabOrder={row.key === inTabOrder}
                  editing={row.message.id === editing}
                  flash={row.key === flash}
                  readOnly={channel.readOnly}
                  actions={actions}
                />
              ) : (
                <PendingRow key={row.key} row={row} actions={actions} />
              ),
            )}
          </div>
          <End transcript={transcript} />
        </div>
      </div>
      {pill.fresh && fresh ? (
        <Button className={styles.freshPill} onClick={() => shownWindow.goTo(fresh.key)}>
          <ArrowUp size={16} aria-hidden />
          {text.channel.newSince(channel.unread || rows.filter(({ order }) => order >= fresh.order).length, format.time(text.language, fresh.at))}
        </Button>
      ) : null}
      {pill.end ? (
        <Button className={styles.endPill} onClick={() => (timeline.atEnd ? shownWindow.goToEnd() : void transcript.jumpToPresent())}>
          <ArrowDown size={16} aria-hidden />
          {text.channel.present}
        </Button>
      ) : null}
    </div>
  );
}

/** A row keeps its actions as long as one of them has its layer open. */
const pinned = (): boolean => document.querySelector(":popover-open") !== null;

function neighbour(key: string, rows: readonly Row[], row: Row): Row | undefined {
  const at = rows.indexOf(row);
  switch (key) {
    case "ArrowUp":
      return rows[at - 1];
    case "ArrowDown":
      return rows[at + 1];
    case "Home":
      return rows[0];
    case "End":
      return rows.at(-1);
    default:
      return undefined;
  }
}

/** Above the rows: the conversation's beginning, or what keeps the older ones from being there. */
function Start({ channel, transcript, timeline }: Pick<MessageListProps, "channel" | "transcript" | "timeline">): ReactNode {
  const text = useText();
  const { older } = useStore(transcript.state);
  if (timeline.atStart) {
    return (
      <div className={styles.start}>
        <h2 className={styles.startTitle}>
          <bdi>{text.channel.start(channel.name)}</bdi>
        </h2>
        <p className={styles.startHint} dir="auto">
          {channel.topic || (timeline.messages.length === 0 ? text.channel.startHint : "")}
        </p>
      </div>
    );
  }
  return (
    <div className={styles.edge}>
      {older === "failed" ? (
        <Notice onRetry={() => void transcript.loadOlder()}>{text.channel.failedOlder}</Notice>
      ) : older === "loading" ? (
        <Skeleton kind="message" rows={2} />
      ) : null}
    </div>
  );
}

function End({ transcript }: { readonly transcript: Transcript }): ReactNode {
  const text = useText();
  const { newer, timeline } = useStore(transcript.state);
  if (timeline?.atEnd !== false) return null;
  if (newer === "failed") return <Notice onRetry={() => void transcript.loadNewer()}>{text.channel.failedNewer}</Notice>;
  return newer === "loading" ? <Skeleton kind="message" rows={2} /> : null;
}
