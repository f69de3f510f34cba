import { useState, type ReactNode } from "react";
import { useText } from "../../i18n";
import { Button } from "../../ui/Button";
import { Dialog, DialogActions } from "../../ui/Dialog";
import { PasswordField } from "../../ui/Field";
import { Form } from "../../ui/Form";
import { useChat } from "../app";
import { useAction } from "../useAction";

const Shortest = 12;

interface PassphraseProps {
  readonly onClose: () => void;
  readonly onBack: () => void;
  readonly onSet: () => void;
}

/** A passphrase that opens the backup besides the words, twice the same so that it is what was meant. */
export function PassphraseDialog({ onClose, onBack, onSet }: PassphraseProps): ReactNode {
  const text = useText();
  const chat = useChat();
  const [passphrase, setPassphrase] = useState("");
  const [again, setAgain] = useState("");
  const [checked, setChecked] = useState(false);
  const isShort = Array.from(passphrase).length < Shortest;
  const save = useAction(async () => {
    setChecked(true);
    if (isShort || again !== passphrase) return;
    await chat.encrypted.setPassphrase(passphrase);
    onSet();
  });
  return (
    <Dialog title={text.encrypted.passphraseTitle} onClose={onClose}>
      <Form error={save.error} onSubmit={() => void save.run()}>
        <p>{text.encrypted.passphraseWhy}</p>
        <PasswordField
          label={text.encrypted.passphraseNew}
          error={checked && isShort ? text.encrypted.refusals.weak_passphrase : null}
          autoComplete="off"
          value={passphrase}
          onValue={setPassphrase}
        />
        <PasswordField
          label={text.encrypted.passphraseAgain}
          error={checked && again !== passphrase ? text.encrypted.passphraseDiffers : null}
          autoComplete="off"
          value={again}
          onValue={setAgain}
        />
        <DialogActions>
          <Button onClick={onBack}>{text.common.cancel}</Button>
          <Button type="submit" look="main" busy={save.busy}>
            {text.encrypted.passphraseSave}
          </Button>
        </DialogActions>
      </Form>
    </Dialog>
  );
}
