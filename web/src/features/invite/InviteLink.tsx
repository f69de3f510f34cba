import { Check, Copy } from "lucide-react";
import { useEffect, useRef, useState, type ReactNode } from "react";
import { problemText, useText } from "../../i18n";
import { isLoopback } from "../../model/address";
import { format } from "../../model/route";
import { Button } from "../../ui/Button";
import { Notice } from "../../ui/Notice";
import { useChat } from "../app";
import { useAction } from "../useAction";
import styles from "./InviteLink.module.css";

interface InviteLinkProps {
  /** Seconds; null is for ever. */
  readonly lifetime: number | null;
  readonly maxUses: number | null;
}

/** Makes an invitation when it appears, and shows its link to copy. */
export function InviteLink({ lifetime, maxUses }: InviteLinkProps): ReactNode {
  const text = useText();
  const chat = useChat();
  const [link, setLink] = useState("");
  const field = useRef<HTMLInputElement>(null);
  const { run, error, busy } = useAction(async () => {
    const { code } = await chat.createInvite(lifetime, maxUses);
    setLink(location.origin + format({ at: "invite", code }));
  });
  const asked = useRef(false);
  useEffect(() => {
    // A link is made once, however often the screen is drawn.
    if (asked.current) return;
    asked.current = true;
    void run();
  }, [run]);
  if (error !== null) return <Notice onRetry={() => void run()}>{problemText(text, error)}</Notice>;
  return (
    <>
      <div className={styles.row}>
        <input
          ref={field}
          className={styles.link}
          aria-label={text.invite.link}
          readOnly
          value={busy ? "…" : link}
          onFocus={(event) => event.target.select()}
        />
        <CopyButton field={field} disabled={link === ""} />
      </div>
      {isLoopback(location.hostname) ? <p className={styles.here}>{text.invite.onlyHere(location.host)}</p> : null}
    </>
  );
}

const CopiedShown = 2_000;

function CopyButton({ field, disabled }: { readonly field: { readonly current: HTMLInputElement | null }; readonly disabled: boolean }): ReactNode {
  const text = useText();
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), CopiedShown);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = async (): Promise<void> => {
    if (field.current === null) return;
    setCopied(await putOnClipboard(field.current));
  };
  return (
    <Button look="plain" disabled={disabled} onClick={() => void copy()}>
      {copied ? <Check size={18} aria-hidden /> : <Copy size={18} aria-hidden />}
      <span aria-live="polite">{copied ? text.common.copied : text.common.copy}</span>
    </Button>
  );
}

/** Plain http has no clipboard interface: there the browser's own copy command does it. */
async function putOnClipboard(field: HTMLInputElement): Promise<boolean> {
  if (window.isSecureContext) {
    const done = await navigator.clipboard.writeText(field.value).then(() => true, () => false);
    if (done) return true;
  }
  field.select();
  return document.execCommand("copy");
}
