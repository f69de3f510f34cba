import { X } from "lucide-react";
import type { ReactNode } from "react";
import { codeText, useText } from "../../i18n";
import { IconButton } from "../../ui/Button";
import { useStore } from "../../ui/useSelect";
import { useChat } from "../app";
import styles from "./NoticeStack.module.css";

export function NoticeStack(): ReactNode {
  const text = useText();
  const { notices } = useChat();
  const shown = useStore(notices.state);
  return (
    <div className={styles.stack} role="status" aria-live="polite">
      {shown.map(({ id, code }) => (
        <div key={id} className={styles.notice}>
          <span>{codeText(text, code)}</span>
          <IconButton size="small" label={text.common.dismiss} onClick={() => notices.dismiss(id)}>
            <X size={16} aria-hidden />
          </IconButton>
        </div>
      ))}
    </div>
  );
}
