import { X } from "lucide-react";
import type { KeyboardEvent, ReactNode, RefObject } from "react";
import { useText } from "../../i18n";
import { IconButton } from "../../ui/Button";
import { useSelect } from "../../ui/useSelect";
import type { Conversation, ReplyPreview } from "../../wire/shapes";
import { useChat } from "../app";
import { may } from "../rights";
import { MessageForm } from "./MessageForm";
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

  const write = (next: string): void => {
    chat.drafts.set(channel.id, next);
    if (next.trim() !== "") chat.typing.write(channel.id);
  };

  const send = (content: string): void => {
    chat.send(channel.id, content, replyTo);
    onSent();
  };

  const onKey = (event: KeyboardEvent<HTMLTextAreaElement>): void => {
    if (event.key === "ArrowUp" && written === "") {
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
    <MessageForm field={field} label={text.composer.label(channel.name)} written={written} onWrite={write} onSend={send} onKey={onKey}>
      {replyTo ? <ReplyBar replyTo={replyTo} onStop={onStopReply} /> : null}
    </MessageForm>
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
