import { useState, type ReactNode } from "react";
import { problemText, useText } from "../../i18n";
import { Button } from "../../ui/Button";
import { Dialog, DialogActions } from "../../ui/Dialog";
import { Notice } from "../../ui/Notice";
import { useChat } from "../app";
import { useAction } from "../useAction";
import { WordsSteps } from "./WordsSteps";

/** Makes the keys, shows the words, and makes the keys known once somebody has shown that they have the words. */
export function SetUpDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const text = useText();
  const chat = useChat();
  const [words, setWords] = useState<readonly string[]>([]);
  const make = useAction(async () => setWords(await chat.encrypted.create()));
  if (words.length > 0) return <WordsSteps words={words} onSettle={() => chat.encrypted.settle()} onClose={onClose} />;
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
