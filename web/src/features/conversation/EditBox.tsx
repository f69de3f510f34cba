import { useEffect, useRef, useState, type KeyboardEvent, type ReactNode } from "react";
import { problemText, useText } from "../../i18n";
import { withNames } from "../../model/text";
import { Button } from "../../ui/Button";
import type { Message } from "../../wire/shapes";
import { useChat } from "../app";
import { useAction } from "../useAction";
import { characters, MostCharacters } from "./characters";
import styles from "./EditBox.module.css";
import { isComposing, sends } from "./keys";

interface EditBoxProps {
  readonly message: Message;
  readonly onDone: () => void;
  /** Everything was taken out: deleting is what is meant, if anything. */
  readonly onEmptied: () => void;
}

/** A message being changed, in its place. What others do meanwhile does not touch the text. */
export function EditBox({ message, onDone, onEmptied }: EditBoxProps): ReactNode {
  const text = useText();
  const chat = useChat();
  const [written, setWritten] = useState(() => withNames(message.content, chat.people.state.get().users));
  const field = useRef<HTMLTextAreaElement>(null);
  const save = useAction(async () => {
    if (written.trim() === "") return onEmptied();
    if (characters(written) > MostCharacters) return;
    await chat.edit(message.conversationId, message.id, written.trim());
    onDone();
  });
  useEffect(() => {
    field.current?.focus();
    field.current?.setSelectionRange(field.current.value.length, field.current.value.length);
  }, []);
  const onKeyDown = (event: KeyboardEvent): void => {
    event.stopPropagation();
    if (isComposing(event)) return;
    if (event.key === "Escape") onDone();
    else if (sends(event)) {
      event.preventDefault();
      void save.run();
    }
  };
  const over = characters(written) - MostCharacters;
  return (
    <div className={styles.box}>
      <textarea
        ref={field}
        className={styles.field}
        aria-label={text.message.editing}
        rows={1}
        dir="auto"
        value={written}
        onChange={(event) => setWritten(event.target.value)}
        onKeyDown={onKeyDown}
      />
      <div className={styles.row}>
        <span className={styles.keys}>
          {save.error ? (
            <span role="alert" className={styles.error}>
              {problemText(text, save.error)}
            </span>
          ) : over > 0 ? (
            <span className={styles.error}>{text.composer.over(over)}</span>
          ) : (
            <span className={styles.hint}>{text.message.editKeys}</span>
          )}
        </span>
        <Button onClick={onDone}>{text.common.cancel}</Button>
        <Button look="main" busy={save.busy} disabled={over > 0} onClick={() => void save.run()}>
          {text.common.save}
        </Button>
      </div>
    </div>
  );
}
