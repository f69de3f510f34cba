import { useState, type FormEvent, type ReactNode } from "react";
import { problemText, useText } from "../../i18n";
import { Button } from "../../ui/Button";
import { Dialog, DialogActions } from "../../ui/Dialog";
import { Field } from "../../ui/Field";
import { Notice } from "../../ui/Notice";
import { useChat } from "../app";
import { useAction } from "../useAction";
import styles from "./Dialogs.module.css";

interface StepProps {
  readonly words: readonly string[];
  readonly onClose: () => void;
}

/** Makes the keys, shows the words, and makes the keys known once somebody has shown that they have the words. */
export function SetUpDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const text = useText();
  const chat = useChat();
  const [words, setWords] = useState<readonly string[]>([]);
  const [seen, setSeen] = useState(false);
  const make = useAction(async () => setWords(await chat.encrypted.create()));
  if (words.length > 0) {
    return seen ? <Confirm words={words} onClose={onClose} onBack={() => setSeen(false)} /> : <Words words={words} onClose={onClose} onSeen={() => setSeen(true)} />;
  }
  return (
    <Dialog title={text.encrypted.setUpTitle} onClose={onClose}>
      {make.error ? <Notice>{problemText(text, make.error)}</Notice> : null}
      {text.encrypted.setUpIntro.map((line) => (
        <p key={line}>{line}</p>
      ))}
      <DialogActions>
        <Button onClick={onClose}>{text.common.cancel}</Button>
        <Button look="main" busy={make.busy} onClick={() => void make.run()}>
          {text.encrypted.makeKeys}
        </Button>
      </DialogActions>
    </Dialog>
  );
}

function Words({ words, onClose, onSeen }: StepProps & { readonly onSeen: () => void }): ReactNode {
  const text = useText();
  return (
    <Dialog title={text.encrypted.wordsTitle} onClose={onClose}>
      <p>{text.encrypted.wordsWhy}</p>
      <ol className={styles.words} translate="no">
        {words.map((word, at) => (
          <li key={at}>{word}</li>
        ))}
      </ol>
      <DialogActions>
        <Button onClick={onClose}>{text.common.cancel}</Button>
        <Button look="main" onClick={onSeen}>
          {text.encrypted.wordsSeen}
        </Button>
      </DialogActions>
    </Dialog>
  );
}

function Confirm({ words, onClose, onBack }: StepProps & { readonly onBack: () => void }): ReactNode {
  const text = useText();
  const chat = useChat();
  const [places] = useState(twoPlaces);
  const [said, setSaid] = useState<readonly string[]>(["", ""]);
  const [checked, setChecked] = useState(false);
  const right = (at: number): boolean => said[at]?.trim().toLowerCase() === words[places[at] ?? 0];
  const finish = useAction(async () => {
    setChecked(true);
    if (!right(0) || !right(1)) return;
    await chat.encrypted.settle();
    onClose();
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void finish.run();
  };
  return (
    <Dialog title={text.encrypted.confirmTitle} onClose={onClose}>
      <form className={styles.form} onSubmit={submit} noValidate>
        {finish.error ? <Notice>{problemText(text, finish.error)}</Notice> : null}
        <p>{text.encrypted.confirmWhy}</p>
        {places.map((place, at) => (
          <Field
            key={place}
            label={text.encrypted.word(place + 1)}
            error={checked && !right(at) ? text.encrypted.wordWrong : null}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            value={said[at] ?? ""}
            onValue={(word) => setSaid(said.map((before, index) => (index === at ? word : before)))}
          />
        ))}
        <DialogActions>
          <Button onClick={onBack}>{text.encrypted.wordsAgain}</Button>
          <Button type="submit" look="main" busy={finish.busy}>
            {text.encrypted.finish}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

/** One out of each half. */
function twoPlaces(): readonly [number, number] {
  const [first = 0, second = 0] = crypto.getRandomValues(new Uint8Array(2));
  return [first % 12, 12 + (second % 12)];
}
