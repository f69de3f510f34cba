import { SendHorizontal } from "lucide-react";
import { useLayoutEffect, type FormEvent, type KeyboardEvent, type ReactNode, type RefObject } from "react";
import { useText } from "../../i18n";
import { IconButton } from "../../ui/Button";
import { CountedFrom, characters, MostCharacters } from "./characters";
import styles from "./Composer.module.css";
import { isComposing, sends } from "./keys";

interface MessageFormProps {
  readonly field: RefObject<HTMLTextAreaElement | null>;
  readonly label: string;
  readonly written: string;
  readonly onWrite: (next: string) => void;
  /** Gets what is written without the space around it: something, and not too much. */
  readonly onSend: (content: string) => void;
  /** Keys but Enter, while no input method composes. */
  readonly onKey?: (event: KeyboardEvent<HTMLTextAreaElement>) => void;
  /** Stands above the text. */
  readonly children?: ReactNode;
}

/** The field that grows, the button, and how much is left: the same wherever messages are written. */
export function MessageForm({ field, label, written, onWrite, onSend, onKey, children }: MessageFormProps): ReactNode {
  const text = useText();
  const count = characters(written);
  const over = count - MostCharacters;
  useGrowing(field, written);

  const send = (event?: FormEvent): void => {
    event?.preventDefault();
    const content = written.trim();
    if (content !== "" && over <= 0) onSend(content);
  };

  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>): void => {
    if (isComposing(event)) return;
    if (event.key !== "Enter") {
      onKey?.(event);
      return;
    }
    if (!sends(event)) return;
    event.preventDefault();
    send();
  };

  return (
    <form className={styles.composer} onSubmit={send}>
      {children}
      <div className={styles.frame}>
        <textarea
          ref={field}
          id="composer"
          className={styles.field}
          aria-label={label}
          placeholder={label}
          rows={1}
          dir="auto"
          enterKeyHint="enter"
          autoComplete="off"
          value={written}
          aria-describedby={count >= CountedFrom ? "composer-count" : undefined}
          onChange={(event) => onWrite(event.target.value)}
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

/** Grows with its text; browsers that size fields by content themselves are left alone. */
function useGrowing(field: RefObject<HTMLTextAreaElement | null>, written: string): void {
  useLayoutEffect(() => {
    const element = field.current;
    if (element === null || CSS.supports("field-sizing", "content")) return;
    element.style.height = "auto";
    element.style.height = `${element.scrollHeight}px`;
  }, [field, written]);
}
