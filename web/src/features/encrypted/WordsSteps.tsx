import { useState, type ReactNode } from "react";
import { useText } from "../../i18n";
import { Button } from "../../ui/Button";
import { Dialog, DialogActions } from "../../ui/Dialog";
import { Field } from "../../ui/Field";
import { Form } from "../../ui/Form";
import { useAction } from "../useAction";
import styles from "./Dialogs.module.css";

interface StepsProps {
  readonly words: readonly string[];
  /** Somebody has shown that they have the words. */
  readonly onSettle: () => Promise<void>;
  readonly onClose: () => void;
}

/** Shows new words, once, and then asks for two of them. */
export function WordsSteps(props: StepsProps): ReactNode {
  const [seen, setSeen] = useState(false);
  return seen ? <Confirm {...props} onBack={() => setSeen(false)} /> : <Words words={props.words} onClose={props.onClose} onSeen={() => setSeen(true)} />;
}

function Words({ words, onClose, onSeen }: Omit<StepsProps, "onSettle"> & { readonly onSeen: () => void }): ReactNode {
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

function Confirm({ words, onSettle, onClose, onBack }: StepsProps & { readonly onBack: () => void }): ReactNode {
  const text = useText();
  const [places] = useState(twoPlaces);
  const [said, setSaid] = useState<readonly string[]>(["", ""]);
  const [checked, setChecked] = useState(false);
  const right = (at: number): boolean => said[at]?.trim().toLowerCase() === words[places[at] ?? 0];
  const finish = useAction(async () => {
    setChecked(true);
    if (!right(0) || !right(1)) return;
    await onSettle();
    onClose();
  });
  return (
    <Dialog title={text.encrypted.confirmTitle} onClose={onClose}>
      <Form error={finish.error} onSubmit={() => void finish.run()}>
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
      </Form>
    </Dialog>
  );
}

/** One out of each half. */
function twoPlaces(): readonly [number, number] {
  const [first = 0, second = 0] = crypto.getRandomValues(new Uint8Array(2));
  return [first % 12, 12 + (second % 12)];
}
