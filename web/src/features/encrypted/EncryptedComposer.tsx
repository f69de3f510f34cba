import { SendHorizontal } from "lucide-react";
import type { FormEvent, KeyboardEvent, ReactNode, RefObject } from "react";
import { useText } from "../../i18n";
import type { Talk } from "../../model/Talk";
import { IconButton } from "../../ui/Button";
import { useSelect } from "../../ui/useSelect";
import { useChat } from "../app";
import { CountedFrom, characters, MostCharacters } from "../conversation/characters";
import { useGrowing } from "../conversation/Composer";
import styles from "../conversation/Composer.module.css";

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
  const count = characters(written);
  const over = count - MostCharacters;
  useGrowing(field, written);
  const send = (event?: FormEvent): void => {
    event?.preventDefault();
    const content = written.trim();
    if (content === "" || over > 0) return;
    talk.send(content);
    chat.drafts.set(id, "", false);
    onSent();
  };
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>): void => {
    // While an input method composes, Enter picks a candidate; some report it by the key code only.
    if (event.nativeEvent.isComposing || event.keyCode === 229 || event.key !== "Enter") return;
    if (event.shiftKey || matchMedia("(pointer: coarse)").matches) return;
    event.preventDefault();
    send();
  };
  if (userId === null) return <p className={styles.reason}>{text.encrypted.closed(name)}</p>;
  return (
    <form className={styles.composer} onSubmit={send}>
      <div className={styles.frame}>
        <textarea
          ref={field}
          id="composer"
          className={styles.field}
          aria-label={text.encrypted.compose(name)}
          placeholder={text.encrypted.compose(name)}
          rows={1}
          dir="auto"
          enterKeyHint="enter"
          autoComplete="off"
          value={written}
          aria-describedby={count >= CountedFrom ? "composer-count" : undefined}
          onChange={(event) => chat.drafts.set(id, event.target.value, false)}
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
