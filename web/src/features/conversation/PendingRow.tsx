import { CircleAlert, Clock } from "lucide-react";
import { memo, type ReactNode } from "react";
import { codeText, useText } from "../../i18n";
import type { Pending } from "../../model/Outbox";
import { Button } from "../../ui/Button";
import { classes } from "../../ui/classes";
import { useLate } from "../../ui/Skeleton";
import { useStore } from "../../ui/useSelect";
import { useChat } from "../app";
import type { RowActions } from "./actions";
import { MessageText } from "./MessageText";
import { Gutter, Lines, Origin, Who } from "./MessageRow";
import type { Row } from "./rows";
import styles from "./Row.module.css";
import { rowId } from "./useWindow";

/** A message of mine on its way: drawn at once, like any other, with a word about how it stands if that takes long. */
export const PendingRow = memo(function PendingRow({ row, actions }: { readonly row: Row & { readonly kind: "pending" }; readonly actions: RowActions }): ReactNode {
  const { item } = row;
  const id = rowId(row.key);
  return (
    <article
      id={id}
      data-key={row.key}
      data-order={Infinity}
      tabIndex={-1}
      aria-labelledby={`${id}-who ${id}-what`}
      className={classes(styles.row, row.head && styles.head)}
    >
      <Lines row={row} />
      <div className={classes(styles.block, item.state === "failed" && styles.failed)}>
        {item.replyTo ? <Origin reply={item.replyTo} actions={actions} /> : null}
        <div className={styles.columns}>
          <Gutter row={row} />
          <div className={styles.body}>
            <Who row={row} id={`${id}-who`} />
            <div id={`${id}-what`} className={styles.pending}>
              <MessageText content={item.content}>{item.state === "failed" ? null : <UnderWay />}</MessageText>
            </div>
            {item.state === "failed" ? <Failed item={item} actions={actions} /> : null}
          </div>
        </div>
      </div>
    </article>
  );
});

function Failed({ item, actions }: { readonly item: Pending; readonly actions: RowActions }): ReactNode {
  const text = useText();
  return (
    <div role="alert" className={styles.failure}>
      <CircleAlert size={16} aria-hidden />
      <span>
        {text.message.failed}. {codeText(text, item.code ?? "")}
      </span>
      <span className={styles.failureActions}>
        <Button onClick={() => actions.retry(item)}>{text.message.retry}</Button>
        <Button onClick={() => actions.takeBack(item)}>{text.message.toComposer}</Button>
        <Button onClick={() => actions.discard(item)}>{text.message.discard}</Button>
      </span>
    </div>
  );
}

export function UnderWay(): ReactNode {
  const text = useText();
  const chat = useChat();
  const phase = useStore(chat.connection.state);
  const late = useLate();
  const words = phase === "live" ? text.message.sending : text.message.waiting;
  return late ? (
    <span className={styles.underWay} title={words}>
      <Clock size={12} aria-hidden />
      <span className="visually-hidden">{words}</span>
    </span>
  ) : null;
}
