import { CircleAlert, TriangleAlert } from "lucide-react";
import { memo, type ReactNode } from "react";
import type { Missing } from "../../crypto/Ledger";
import { problemText, useText } from "../../i18n";
import type { Entry } from "../../model/letters";
import type { Talk } from "../../model/Talk";
import { Button } from "../../ui/Button";
import { classes } from "../../ui/classes";
import { Gutter, Lines, Who } from "../conversation/MessageRow";
import { MessageText } from "../conversation/MessageText";
import { UnderWay } from "../conversation/PendingRow";
import rows from "../conversation/Row.module.css";
import type { Row } from "../conversation/rows";
import { rowId } from "../conversation/useWindow";
import { useChat } from "../app";
import styles from "./EncryptedPane.module.css";

interface RowProps {
  readonly row: Row & { readonly kind: "message" };
  readonly entry: Entry | undefined;
  /** What is missing right above it. */
  readonly holes: readonly Missing[];
  readonly inTabOrder: boolean;
}

export const EncryptedRow = memo(function EncryptedRow({ row, entry, holes, inTabOrder }: RowProps): ReactNode {
  const id = rowId(row.key);
  return (
    <article
      id={id}
      data-key={row.key}
      data-order={row.order}
      tabIndex={inTabOrder ? 0 : -1}
      aria-labelledby={`${id}-who ${id}-what`}
      className={classes(rows.row, row.head && rows.head)}
    >
      <Lines row={row} />
      {holes.map((hole) => (
        <Hole key={`${hole.afterSequence} ${hole.from}`} hole={hole} />
      ))}
      <div className={rows.block}>
        <div className={rows.columns}>
          <Gutter row={row} />
          <div className={rows.body}>
            <Who row={row} id={`${id}-who`} />
            <div id={`${id}-what`}>{entry === undefined ? null : <Content entry={entry} />}</div>
          </div>
        </div>
      </div>
    </article>
  );
});

function Content({ entry }: { readonly entry: Entry }): ReactNode {
  const text = useText();
  if (entry.kind === "refused") {
    return (
      <p className={rows.unsupported}>
        {text.encrypted.notShown} {text.encrypted.refusals[entry.refusal.code]}
      </p>
    );
  }
  return (
    <>
      <MessageText content={entry.text}>{entry.edited ? <span className={rows.edited}> ({text.message.edited})</span> : null}</MessageText>
      {entry.warnings.map((warning) =>
        // That of a newly set up device is said once, above all of them.
        warning === "unverifiable" ? null : (
          <p key={warning} className={styles.warning}>
            <TriangleAlert size={14} aria-hidden /> {text.encrypted.warnings[warning]}
          </p>
        ),
      )}
    </>
  );
}

function Hole({ hole: { from, to, mine } }: { readonly hole: Missing }): ReactNode {
  const text = useText();
  return (
    <p className={styles.hole}>
      <b>{text.encrypted.missing(to - from + 1)}.</b> {mine ? text.encrypted.missingWhy.mine : text.encrypted.missingWhy.theirs}
    </p>
  );
}

interface UnsentProps {
  readonly row: Row & { readonly kind: "pending" };
  readonly talk: Talk;
  readonly error: unknown;
}

/** A text of mine on its way, and if it did not get there, why. */
export function UnsentRow({ row, talk, error }: UnsentProps): ReactNode {
  const text = useText();
  const chat = useChat();
  const id = rowId(row.key);
  const takeBack = (): void => {
    talk.discard(row.key);
    chat.drafts.giveBack(talk.whom.id, row.item.content, false);
  };
  return (
    <article id={id} data-key={row.key} data-order={Infinity} tabIndex={-1} aria-labelledby={`${id}-who ${id}-what`} className={classes(rows.row, row.head && rows.head)}>
      <Lines row={row} />
      <div className={classes(rows.block, error !== null && rows.failed)}>
        <div className={rows.columns}>
          <Gutter row={row} />
          <div className={rows.body}>
            <Who row={row} id={`${id}-who`} />
            <div id={`${id}-what`} className={rows.pending}>
              <MessageText content={row.item.content}>{error === null ? <UnderWay /> : null}</MessageText>
            </div>
            {error === null ? null : (
              <div role="alert" className={rows.failure}>
                <CircleAlert size={16} aria-hidden />
                <span>
                  {text.message.failed}. {problemText(text, error)}
                </span>
                <span className={rows.failureActions}>
                  <Button onClick={() => talk.retry(row.key)}>{text.message.retry}</Button>
                  <Button onClick={takeBack}>{text.message.toComposer}</Button>
                  <Button onClick={() => talk.discard(row.key)}>{text.message.discard}</Button>
                </span>
              </div>
            )}
          </div>
        </div>
      </div>
    </article>
  );
}
