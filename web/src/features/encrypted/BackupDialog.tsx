import { useEffect, useState, type ReactNode } from "react";
import { problemText, useText } from "../../i18n";
import { Button } from "../../ui/Button";
import { Dialog, DialogActions } from "../../ui/Dialog";
import { Notice } from "../../ui/Notice";
import { useChat } from "../app";
import { useAction } from "../useAction";
import { PassphraseDialog } from "./PassphraseDialog";
import { WordsSteps } from "./WordsSteps";
import styles from "./Dialogs.module.css";

/** What opens the backup of the keys on another device: the words, and a passphrase for who wants one. */
export function BackupDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const text = useText();
  const chat = useChat();
  const [words, setWords] = useState<readonly string[]>([]);
  const [choosing, setChoosing] = useState(false);
  const [hasPassphrase, setHasPassphrase] = useState<boolean | null>(null);
  const look = useAction(async () => setHasPassphrase(await chat.encrypted.hasPassphrase()));
  const make = useAction(async () => setWords(await chat.encrypted.newWords()));
  const remove = useAction(async () => {
    await chat.encrypted.setPassphrase(null);
    setHasPassphrase(false);
  });
  const { run } = look;
  useEffect(() => void run(), [run]);
  const error = look.error ?? make.error ?? remove.error;
  if (words.length > 0) return <WordsSteps words={words} onSettle={() => chat.encrypted.renewWords(words)} onClose={onClose} />;
  if (choosing) return <PassphraseDialog onClose={onClose} onBack={() => setChoosing(false)} onSet={() => [setChoosing(false), setHasPassphrase(true)]} />;
  return (
    <Dialog title={text.encrypted.backup} onClose={onClose}>
      {error ? <Notice>{problemText(text, error)}</Notice> : null}
      <p>{text.encrypted.backupWhy}</p>
      <section className={styles.part}>
        <h3>{text.encrypted.ways.passphrase}</h3>
        <p role="status">{hasPassphrase === null ? null : hasPassphrase ? text.encrypted.passphraseSet : text.encrypted.passphraseNone}</p>
        <p className={styles.ways}>
          <Button disabled={hasPassphrase === null} onClick={() => setChoosing(true)}>
            {hasPassphrase ? text.encrypted.passphraseChange : text.encrypted.passphraseChoose}
          </Button>
          {hasPassphrase ? (
            <Button busy={remove.busy} onClick={() => void remove.run()}>
              {text.encrypted.passphraseRemove}
            </Button>
          ) : null}
        </p>
      </section>
      <section className={styles.part}>
        <h3>{text.encrypted.ways.words}</h3>
        <p>{text.encrypted.renewWordsWhy}</p>
        <p className={styles.ways}>
          <Button busy={make.busy} onClick={() => void make.run()}>
            {text.encrypted.renewWords}
          </Button>
        </p>
      </section>
      <DialogActions>
        <Button onClick={onClose}>{text.common.close}</Button>
      </DialogActions>
    </Dialog>
  );
}
