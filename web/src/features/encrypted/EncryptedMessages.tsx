import { ArrowDown } from "lucide-react";
import { useCallback, useEffect, useMemo, useState, type FocusEvent, type KeyboardEvent, type ReactNode, type RefObject } from "react";
import { useText } from "../../i18n";
import type { Talk } from "../../model/Talk";
import { Button } from "../../ui/Button";
import { Notice } from "../../ui/Notice";
import { Skeleton } from "../../ui/Skeleton";
import { useStore } from "../../ui/useSelect";
import type { Message } from "../../wire/shapes";
import { useChat } from "../app";
import lists from "../conversation/MessageList.module.css";
import { rowsOf } from "../conversation/rows";
import { rowId, useWindow } from "../conversation/useWindow";
import { EncryptedRow, UnsentRow } from "./EncryptedRow";
import { holesOf, pendingOf } from "./rows";
import { Trust } from "./Trust";

interface MessagesProps {
  readonly talk: Talk;
  readonly messages: readonly Message[];
  readonly readUpTo: number | null;
  readonly toEnd: RefObject<() => void>;
  readonly onCompare: () => void;
}

export function EncryptedMessages({ talk, messages, readUpTo, toEnd, onCompare }: MessagesProps): ReactNode {
  const text = useText();
  const chat = useChat();
  const { whom } = talk;
  const { entries, missing, unsent, atStart, older } = useStore(talk.state);
  const rows = useMemo(
    () => rowsOf(messages, unsent.map((item) => pendingOf(item, whom.id)), chat.me.id, readUpTo),
    [messages, unsent, whom.id, chat.me.id, readUpTo],
  );
  const holes = useMemo(() => holesOf(missing, entries), [missing, entries]);
  const bySequence = useMemo(() => new Map(entries.map((entry) => [entry.sequence, entry])), [entries]);
  const edges = useMemo(() => ({ atStart, atEnd: true, loadOlder: () => talk.loadOlder(), loadNewer: () => undefined }), [atStart, talk]);
  const { viewport, content, shown, onScroll, look, goToEnd } = useWindow(rows, rows.find(({ fresh }) => fresh)?.key ?? null, edges);
  toEnd.current = goToEnd;
  const [far, setFar] = useState(false);
  const survey = useCallback(() => setFar(look()?.farFromEnd ?? false), [look]);
  useEffect(survey, [survey, rows, shown]);
  const [focused, setFocused] = useState<string | null>(null);
  const inTabOrder = shown.some(({ key }) => key === focused) ? focused : (shown.at(-1)?.key ?? null);
  const onFocus = (event: FocusEvent): void => setFocused(event.target.closest<HTMLElement>("[data-key]")?.dataset["key"] ?? null);
  const onKeyDown = (event: KeyboardEvent): void => {
    const at = shown.findIndex(({ key }) => key === (event.target as HTMLElement).dataset["key"]);
    const next = event.key === "ArrowUp" ? shown[at - 1] : event.key === "ArrowDown" ? shown[at + 1] : undefined;
    if (at === -1 || next === undefined) return;
    event.preventDefault();
    document.getElementById(rowId(next.key))?.focus();
  };
  return (
    <div className={lists.frame}>
      <div ref={viewport} data-viewport className={lists.viewport} onScroll={() => { onScroll(); survey(); }}>
        <div ref={content} className={lists.content}>
          {atStart ? (
            <div className={lists.start}>
              <h2 className={lists.startTitle}>
                <bdi>{text.encrypted.start(whom.name)}</bdi>
              </h2>
              <p className={lists.startHint}>{text.encrypted.startHint}</p>
            </div>
          ) : (
            <div className={lists.edge}>
              {older === "failed" ? <Notice onRetry={() => talk.loadOlder()}>{text.channel.failedOlder}</Notice> : older === "loading" ? <Skeleton kind="message" rows={2} /> : null}
            </div>
          )}
          <Trust talk={talk} onCompare={onCompare} />
          <div role={shown.length > 0 ? "feed" : undefined} aria-label={shown.length > 0 ? text.encrypted.messages(whom.name) : undefined} onFocus={onFocus} onKeyDown={onKeyDown}>
            {shown.map((row) =>
              row.kind === "message" ? (
                <EncryptedRow key={row.key} row={row} entry={bySequence.get(row.order)} holes={holes.get(row.order) ?? none} inTabOrder={row.key === inTabOrder} />
              ) : (
                <UnsentRow key={row.key} row={row} talk={talk} error={unsent.find(({ clientId }) => clientId === row.key)?.error ?? null} />
              ),
            )}
          </div>
        </div>
      </div>
      {far ? (
        <Button className={lists.endPill} onClick={goToEnd}>
          <ArrowDown size={16} aria-hidden />
          {text.channel.present}
        </Button>
      ) : null}
    </div>
  );
}

const none: readonly never[] = [];
