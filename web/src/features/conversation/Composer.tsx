import { SendHorizontal, X } from "lucide-react";
import { useLayoutEffect, type FormEvent, type KeyboardEvent, type ReactNode, type RefObject } from "react";
import { useText } from "../../i18n";
import { IconButton } from "../../ui/Button";
import { useSelect } from "../../ui/useSelect";
import type { Conversation, ReplyPreview } from "../../wire/shapes";
import { useChat } from "../app";
import { may } from "../rights";
import { CountedFrom, characters, MostCharacters } from "./characters";
import { OneLine } from "./MessageText";
import styles from "./Composer.module.css";

interface ComposerProps {
  readonly channel: Conversation;
  readonly field: RefObject<HTMLTextAreaElement | null>;
  readonly replyTo: ReplyPreview | null;
  readonly onStopReply: () => void;
  readonly onSent: () => void;
  readonly onEditLast: () => void;
  /** Out of the text, into the messages. */
  readonly onLeave: () => void;
}

/** Where messages are written. The text belongs to the draft of its conversation from the first letter on. */
export function Composer({ channel, field, replyTo, onStopReply, onSent, onEditLast, onLeave }: ComposerProps): ReactNode {
  const text = useText();
  const chat = useChat();
  const written = useSelect(chat.drafts.state, (drafts) => drafts.get(channel.id) ?? "");
  const count = characters(written);
  const over = count - MostCharacters;

  const write = (next: string): void => {
    chat.drafts.set(channel.id, next);
    if (next.trim() !== "") chat.typing.write(channel.id);
  };

  useGrowing(field, written);

  const send = (event?: FormEvent): void => {
    event?.preventDefault();
    const content = written.trim();
    if (content === "" || over > 0) return;
    chat.send(channel.id, content, replyTo);
    onSent();
  };

  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>): void => {
    // While an input method composes, Enter picks a candidate; some report it by the key code only.
    if (event.nativeEvent.isComposing || event.keyCode === 229) return;
    const breaks = event.shiftKey || matchMedia("(pointer: coarse)").matches;
    if (event.key === "Enter" && !breaks) {
      event.preventDefault();
      send();
    } else if (event.key === "ArrowUp" && written === "") {
      event.preventDefault();
      onEditLast();
    } else if (event.key === "Escape" && replyTo !== null) {
      event.stopPropagation();
      onStopReply();
    } else if (event.key === "Tab" && event.shiftKey) {
      event.preventDefault();
      onLeave();
    }
  };

  if (channel.readOnly && !may(chat.me, "manage_channels")) return <p className={styles.reason}>{text.composer.readOnly}</p>;
  return (
    <form className={styles.composer} onSubmit={send}>
      {replyTo ? <ReplyBar replyTo={replyTo} onStop={onStopReply} /> : null}
      <div className={styles.frame}>
        <textarea
          ref={field}
          id="composer"
          className={styles.field}
          aria-label={text.composer.label(channel.name)}
          placeholder={text.composer.label(channel.name)}
          rows={1}
          dir="auto"
          enterKeyHint="enter"
          autoComplete="off"
          value={written}
          aria-describedby={count >= CountedFrom ? "composer-count" : undefined}
          onChange={(event) => write(event.target.value)}
          onKeyDown={onKeyDown}
        />
        <IconButton type="submit" label={text.composer.send} className={styles.send} disabled={written.trim() === "" || over > 0}>
          <SendHorizontal size={20} aria-hidden />
        </IconButton>
      </div>
      {count >= CountedFrom ? (
        <p id="composer-count" className={over > 0 ? styles.over : styles.left}>
          {over > 0 ? text.composer.over(over) : text.composer.left(-over)}
        </p>
      ) : null}
    </form>
  );
}

function ReplyBar({ replyTo, onStop }: { readonly replyTo: ReplyPreview; readonly onStop: () => void }): ReactNode {
  const text = useText();
  const chat = useChat();
  const name = useSelect(chat.people.state, ({ users }) => users.get(replyTo.senderId)?.displayName) ?? text.message.someone;
  return (
    <div className={styles.reply}>
      <span className={styles.replyWords}>
        <b>
          <bdi>{text.message.replyingTo(name)}</bdi>
        </b>{" "}
        <OneLine content={replyTo.excerpt} />
      </span>
      <IconButton size="small" label={text.message.stopReplying} onClick={onStop}>
        <X size={18} aria-hidden />
      </IconButton>
    </div>
  );
}

/** Grows with its text; browsers that size fields by content themselves are left alone. */
export function useGrowing(field: RefObject<HTMLTextAreaElement | null>, written: string): void {
  useLayoutEffect(() => {
    const element = field.current;
    if (element === null || CSS.supports("field-sizing", "content")) return;
    element.style.height = "auto";
    element.style.height = `${element.scrollHeight}px`;
  }, [field, written]);
}
