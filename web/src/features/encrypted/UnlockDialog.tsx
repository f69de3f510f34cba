import { useId, useState, type ReactNode } from "react";
import { useText } from "../../i18n";
import { Button } from "../../ui/Button";
import { Dialog, DialogActions } from "../../ui/Dialog";
import { Choice, PasswordField } from "../../ui/Field";
import { Form } from "../../ui/Form";
import { useChat } from "../app";
import { useAction } from "../useAction";
import styles from "./Dialogs.module.css";

/** Sets this device up from the backup on the server. */
export function UnlockDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const text = useText();
  const chat = useChat();
  const hint = useId();
  const [way, setWay] = useState<"words" | "passphrase">("words");
  const [words, setWords] = useState("");
  const [passphrase, setPassphrase] = useState("");
  const open = useAction(async () => {
    await chat.encrypted.unlock(way === "words" ? { words } : { passphrase });
    onClose();
  });
  return (
    <Dialog title={text.encrypted.unlockTitle} onClose={onClose}>
      <Form error={open.error} onSubmit={() => void open.run()}>
        <Choice
          legend={text.encrypted.by}
          value={way}
          options={(["words", "passphrase"] as const).map((value) => ({ value, label: text.encrypted.ways[value] }))}
          onValue={setWay}
        />
        {way === "words" ? (
          <label className={styles.label}>
            {text.encrypted.words}
            <textarea
              className={styles.area}
              aria-describedby={hint}
              autoComplete="off"
              autoCapitalize="none"
              spellCheck={false}
              value={words}
              onChange={(event) => setWords(event.target.value)}
            />
            <span id={hint} className={styles.hint}>
              {text.encrypted.wordsHint}
            </span>
          </label>
        ) : (
          <PasswordField
            label={text.encrypted.passphrase}
            hint={text.encrypted.passphraseHint}
            autoComplete="off"
            value={passphrase}
            onValue={setPassphrase}
          />
        )}
        <DialogActions>
          <Button onClick={onClose}>{text.common.cancel}</Button>
          <Button type="submit" look="main" busy={open.busy}>
            {text.encrypted.open}
          </Button>
        </DialogActions>
      </Form>
    </Dialog>
  );
}
