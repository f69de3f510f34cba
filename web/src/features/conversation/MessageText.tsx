import { Fragment, memo, useMemo, type ReactNode } from "react";
import { useText } from "../../i18n";
import { isBigEmoji, pieces, type Piece } from "../../model/text";
import { classes } from "../../ui/classes";
import { useSelect } from "../../ui/useSelect";
import { useChat } from "../app";
import styles from "./MessageText.module.css";

/** A message's words: line breaks, links and mentions; nothing in it is ever read as HTML. */
export const MessageText = memo(function MessageText({ content, children }: { readonly content: string; readonly children?: ReactNode }): ReactNode {
  const parts = useMemo(() => pieces(content), [content]);
  return (
    <div className={classes(styles.text, isBigEmoji(content) && styles.big)} dir="auto">
      {parts.map((piece, at) => (
        <Fragment key={at}>
          <PieceText piece={piece} />
        </Fragment>
      ))}
      {children}
    </div>
  );
});

/** The same on one line, for previews. */
export const OneLine = ({ content }: { readonly content: string }): ReactNode =>
  pieces(content.replace(/\s+/g, " ")).map((piece, at) => (
    <Fragment key={at}>{piece.kind === "link" ? piece.text : <PieceText piece={piece} />}</Fragment>
  ));

function PieceText({ piece }: { readonly piece: Piece }): ReactNode {
  const text = useText();
  switch (piece.kind) {
    case "text":
      return piece.text;
    case "link":
      return (
        <a href={piece.href} target="_blank" rel="noopener noreferrer nofollow">
          {piece.text}
        </a>
      );
    case "user":
      return <UserMention id={piece.id} />;
    case "role":
      return <span className={styles.mention}>@{text.message.role}</span>;
    case "everyone":
      return <span className={styles.mention}>@everyone</span>;
  }
}

function UserMention({ id }: { readonly id: string }): ReactNode {
  const text = useText();
  const chat = useChat();
  const name = useSelect(chat.people.state, ({ users }) => users.get(id)?.displayName);
  return (
    <span className={classes(styles.mention, id === chat.me.id && styles.me)}>
      @<bdi>{name ?? text.message.someone}</bdi>
    </span>
  );
}
