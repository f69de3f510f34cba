import { Reply } from "lucide-react";
import { memo, type ReactNode } from "react";
import { format, useText } from "../../i18n";
import { Avatar, colourOf } from "../../ui/Avatar";
import { classes } from "../../ui/classes";
import { useSelect } from "../../ui/useSelect";
import { means, readerOf } from "../../model/unread";
import type { Message, ReplyPreview } from "../../wire/shapes";
import { useChat } from "../app";
import type { RowActions } from "./actions";
import { EditBox } from "./EditBox";
import { MessageText, OneLine } from "./MessageText";
import { Reactions } from "./Reactions";
import { RowBar } from "./RowBar";
import type { Row } from "./rows";
import styles from "./Row.module.css";
import { rowId } from "./useWindow";

interface MessageRowProps {
  readonly row: Row & { readonly kind: "message" };
  /** Pointed at or focused: shows its actions. */
  readonly active: boolean;
  readonly inTabOrder: boolean;
  readonly editing: boolean;
  readonly flash: boolean;
  readonly readOnly: boolean;
  readonly actions: RowActions;
}

export const MessageRow = memo(function MessageRow({ row, active, inTabOrder, editing, flash, readOnly, actions }: MessageRowProps): ReactNode {
  const { message } = row;
  const chat = useChat();
  const mentioned = message.senderId !== chat.me.id && means(message, readerOf(chat.me));
  const id = rowId(row.key);
  if (message.type === "system") return <SystemRow row={row} inTabOrder={inTabOrder} />;
  return (
    <article
      id={id}
      data-key={row.key}
      data-order={row.order}
      tabIndex={inTabOrder ? 0 : -1}
      aria-labelledby={`${id}-who ${id}-what`}
      className={classes(styles.row, row.head && styles.head)}
    >
      <Lines row={row} />
      <div className={classes(styles.block, mentioned && styles.mentioned, flash && styles.flash, active && styles.active)}>
        {message.replyTo ? <Origin reply={message.replyTo} actions={actions} /> : null}
        <div className={styles.columns}>
          <Gutter row={row} />
          <div className={styles.body}>
            <Who row={row} id={`${id}-who`} />
            <div id={`${id}-what`}>
              {editing ? (
                <EditBox message={message} onDone={actions.stopEditing} onEmptied={() => actions.remove(message)} />
              ) : (
                <Content message={message} />
              )}
            </div>
            <Reactions message={message} actions={actions} />
          </div>
        </div>
        {active && !editing ? <RowBar message={message} readOnly={readOnly} actions={actions} /> : null}
      </div>
    </article>
  );
});

function Content({ message }: { readonly message: Message }): ReactNode {
  const text = useText();
  if (message.content === "") return <p className={styles.unsupported}>{text.message.unsupported}</p>;
  return (
    <MessageText content={message.content}>
      {message.editedAt === null ? null : (
        <span className={styles.edited} title={text.message.editedAt(format.full(text.language, message.editedAt))}>
          {" "}
          ({text.message.edited})
        </span>
      )}
    </MessageText>
  );
}

/** The day and the line "new" stand inside the row they precede: a feed has articles for children and nothing else. */
export function Lines({ row }: { readonly row: Row }): ReactNode {
  const text = useText();
  if (!row.day && !row.fresh) return null;
  return (
    <div className={classes(styles.line, row.fresh && styles.fresh)}>
      {row.day ? <span className={styles.day}>{format.day(text.language, row.at)}</span> : null}
      {row.fresh ? <span className={styles.new}>{text.channel.newLine}</span> : null}
    </div>
  );
}

export function Gutter({ row }: { readonly row: Row }): ReactNode {
  const text = useText();
  const name = useName(row);
  return (
    <div className={styles.gutter}>
      {row.head ? (
        <Avatar id={row.senderId} name={name} />
      ) : (
        <time className={styles.gutterTime} dateTime={new Date(row.at).toISOString()}>
          {format.time(text.language, row.at)}
        </time>
      )}
    </div>
  );
}

/** Author and time: shown on the head of a group, and said with every row of it. */
export function Who({ row, id }: { readonly row: Row; readonly id: string }): ReactNode {
  const text = useText();
  const name = useName(row);
  return (
    <header id={id} className={row.head ? styles.who : "visually-hidden"}>
      <span className={styles.name} data-colour={colourOf(row.senderId)} title={name}>
        <bdi>{name}</bdi>
      </span>
      <time className={styles.time} dateTime={new Date(row.at).toISOString()} title={format.full(text.language, row.at)}>
        {format.time(text.language, row.at)}
      </time>
    </header>
  );
}

/** The name as it is now; as it was when written where the author is not known here. */
function useName(row: Row): string {
  const text = useText();
  const chat = useChat();
  const now = useSelect(chat.people.state, ({ users }) => users.get(row.senderId)?.displayName);
  return now ?? ((row.kind === "message" ? row.message.senderName : "") || text.message.deletedAccount);
}

export function Origin({ reply, actions }: { readonly reply: ReplyPreview; readonly actions: RowActions }): ReactNode {
  const text = useText();
  const chat = useChat();
  const name = useSelect(chat.people.state, ({ users }) => users.get(reply.senderId)?.displayName) ?? text.message.someone;
  return (
    <button type="button" className={styles.origin} onClick={() => actions.goToOrigin(reply.sequence)} title={text.message.goToOrigin(name)}>
      <Reply size={14} aria-hidden className={styles.originIcon} />
      <span className={styles.originName} data-colour={colourOf(reply.senderId)}>
        <bdi>{name}</bdi>
      </span>
      <span className={styles.excerpt}>{reply.deleted ? <i>{text.message.originGone}</i> : <OneLine content={reply.excerpt} />}</span>
    </button>
  );
}

/** What somebody did, in the server's words: "added @user:…", with who did it before it. */
function SystemRow({ row, inTabOrder }: { readonly row: Row & { readonly kind: "message" }; readonly inTabOrder: boolean }): ReactNode {
  const text = useText();
  const name = useName(row);
  return (
    <article
      id={rowId(row.key)}
      data-key={row.key}
      data-order={row.order}
      tabIndex={inTabOrder ? 0 : -1}
      aria-labelledby={`${rowId(row.key)}-what`}
      className={styles.system}
    >
      <Lines row={row} />
      <p id={`${rowId(row.key)}-what`} title={format.full(text.language, row.at)}>
        <bdi>{name}</bdi> <OneLine content={row.message.content} />
      </p>
    </article>
  );
}
