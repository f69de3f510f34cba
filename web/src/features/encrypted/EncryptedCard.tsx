import { useState, type ReactNode } from "react";
import { problemText, useText } from "../../i18n";
import { Button } from "../../ui/Button";
import { Notice } from "../../ui/Notice";
import { useStore } from "../../ui/useSelect";
import { useChat } from "../app";
import styles from "./EncryptedList.module.css";
import { Later, SetUpDialog, UnlockDialog } from "./later";

/** Why there is nothing to read here yet, and the way on. */
export function EncryptedCard(): ReactNode {
  const text = useText();
  const chat = useChat();
  const { phase, error } = useStore(chat.encrypted.state);
  const [open, setOpen] = useState<"none" | "set-up" | "unlock">("none");
  const close = (): void => setOpen("none");
  return (
    <>
      <div className={styles.card}>
        {!isSecureContext ? (
          <p>{text.encrypted.unsafe}</p>
        ) : phase === "none" ? (
          <>
            <p>{text.encrypted.noneWhy}</p>
            <Button onClick={() => setOpen("set-up")}>{text.encrypted.setUp}</Button>
          </>
        ) : phase === "locked" ? (
          <>
            <p>{text.encrypted.lockedWhy}</p>
            <Button onClick={() => setOpen("unlock")}>{text.encrypted.unlock}</Button>
          </>
        ) : phase === "lost" ? (
          <>
            <p>{text.encrypted.lostWhy}</p>
            <Button onClick={() => setOpen("set-up")}>{text.encrypted.renewKeys}</Button>
          </>
        ) : phase === "failed" ? (
          <Notice onRetry={() => void chat.encrypted.look()}>
            {text.encrypted.failed} {problemText(text, error)}
          </Notice>
        ) : null}
      </div>
      {open === "none" ? null : <Later>{open === "set-up" ? <SetUpDialog onClose={close} /> : <UnlockDialog onClose={close} />}</Later>}
    </>
  );
}
