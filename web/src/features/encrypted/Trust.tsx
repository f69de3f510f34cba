import { ShieldAlert, ShieldQuestionMark } from "lucide-react";
import type { ReactNode } from "react";
import { problemText, useText } from "../../i18n";
import type { Talk } from "../../model/Talk";
import { Button } from "../../ui/Button";
import { classes } from "../../ui/classes";
import { Notice } from "../../ui/Notice";
import { useStore } from "../../ui/useSelect";
import { useAction } from "../useAction";
import styles from "./EncryptedPane.module.css";

/** What is known of whom one writes with, and of all the messages: once, above them. */
export function Trust({ talk, onCompare }: { readonly talk: Talk; readonly onCompare: () => void }): ReactNode {
  const text = useText();
  const { trust, isNew, entries } = useStore(talk.state);
  const { name, userId, expired } = talk.whom;
  const accept = useAction(() => talk.acceptChange());
  const restored = entries.some((entry) => entry.kind === "text" && entry.warnings.includes("unverifiable"));
  const closed = userId === null;
  const alarming = closed || trust === "changed" || isNew;
  const words = closed
    ? text.encrypted.closed(name)
    : trust === "changed"
      ? text.encrypted.changed(name)
      : isNew
        ? text.encrypted.newKey(name)
        : text.encrypted.unverified(name);
  return (
    <>
      {trust === "verified" && !closed ? null : (
        <div className={classes(styles.told, alarming && styles.alarming)}>
          {alarming ? <ShieldAlert size={18} aria-hidden /> : <ShieldQuestionMark size={18} aria-hidden />}
          <p>{words}</p>
          {closed ? null : (
            <span className={styles.ways}>
              <Button onClick={onCompare}>{text.encrypted.compare}</Button>
              {trust === "changed" ? (
                <Button busy={accept.busy} onClick={() => void accept.run()}>
                  {text.encrypted.accept}
                </Button>
              ) : null}
            </span>
          )}
        </div>
      )}
      {accept.error ? <Notice>{problemText(text, accept.error)}</Notice> : null}
      {expired > 0 ? <p className={styles.restored}>{text.encrypted.expired(expired)}</p> : null}
      {restored ? <p className={styles.restored}>{text.encrypted.unverifiable}</p> : null}
    </>
  );
}
