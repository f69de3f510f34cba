import type { ReactNode, RefObject } from "react";
import { useText } from "../../i18n";
import type { Talk } from "../../model/Talk";
import { useSelect } from "../../ui/useSelect";
import { useChat } from "../app";
import styles from "../conversation/Composer.module.css";
import { MessageForm } from "../conversation/MessageForm";

interface ComposerProps {
  readonly talk: Talk;
  readonly field: RefObject<HTMLTextAreaElement | null>;
  readonly onSent: () => void;
}

/** As in a channel. Nobody is told that one writes: the other's screen is told nothing but the sealed message. */
export function EncryptedComposer({ talk, field, onSent }: ComposerProps): ReactNode {
  const text = useText();
  const chat = useChat();
  const { id, name, userId } = talk.whom;
  const written = useSelect(chat.drafts.state, (drafts) => drafts.get(id) ?? "");
  const send = (content: string): void => {
    talk.send(content);
    chat.drafts.set(id, "", false);
    onSent();
  };
  if (userId === null) return <p className={styles.reason}>{text.encrypted.closed(name)}</p>;
  return (
    <MessageForm field={field} label={text.encrypted.compose(name)} written={written} onWrite={(next) => chat.drafts.set(id, next, false)} onSend={send} />
  );
}
