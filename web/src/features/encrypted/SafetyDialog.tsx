import { useEffect, useState, type ReactNode } from "react";
import { problemText, useText } from "../../i18n";
import type { Talk } from "../../model/Talk";
import { Button } from "../../ui/Button";
import { Dialog, DialogActions } from "../../ui/Dialog";
import { Notice } from "../../ui/Notice";
import { useStore } from "../../ui/useSelect";
import { useAction } from "../useAction";
import styles from "./Dialogs.module.css";

/** The number that both see, if nobody stands between them. It is that of the identity this conversation is with, whatever the server says meanwhile. */
export function SafetyDialog({ talk, onClose }: { readonly talk: Talk; readonly onClose: () => void }): ReactNode {
  const text = useText();
  const { trust } = useStore(talk.state);
  const { name } = talk.whom;
  const [groups, setGroups] = useState<readonly string[]>([]);
  const load = useAction(async () => setGroups(await talk.safetyNumber()));
  const verify = useAction(async () => {
    await talk.verify();
    onClose();
  });
  const { run } = load;
  useEffect(() => void run(), [run]);
  const error = load.error ?? verify.error;
  return (
    <Dialog title={text.encrypted.safety} onClose={onClose}>
      {error ? <Notice>{problemText(text, error)}</Notice> : null}
      <p>{text.encrypted.safetyWhy(name)}</p>
      {groups.length > 0 ? (
        <ol className={styles.number} aria-label={text.encrypted.safety} translate="no" dir="ltr">
          {groups.map((group, at) => (
            <li key={at}>{group}</li>
          ))}
        </ol>
      ) : null}
      {trust === "verified" ? <p>{text.encrypted.isVerified(name)}</p> : null}
      <DialogActions>
        <Button onClick={onClose}>{text.common.close}</Button>
        {trust === "verified" || talk.whom.userId === null ? null : (
          <Button look="main" busy={verify.busy} disabled={groups.length === 0} onClick={() => void verify.run()}>
            {text.encrypted.markVerified}
          </Button>
        )}
      </DialogActions>
    </Dialog>
  );
}
