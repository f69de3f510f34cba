import { X } from "lucide-react";
import { useEffect, useId, useRef, type ReactNode } from "react";
import { useText } from "../i18n";
import { IconButton } from "./Button";
import styles from "./Dialog.module.css";

interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/**
 * The browser's own modal dialog: inert background, Escape, and focus back to where it came from. It begins at the first
 * field, or where somebody reads, at its beginning.
 */
export function Dialog({ title, onClose, children }: DialogProps): ReactNode {
  const text = useText();
  const id = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const element = dialog.current;
    const opener = document.activeElement;
    element?.showModal();
    (element?.querySelector<HTMLElement>("input, textarea") ?? element)?.focus();
    return () => {
      element?.close();
      if (opener instanceof HTMLElement && opener.isConnected) opener.focus();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      className={styles.dialog}
      tabIndex={-1}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onMouseDown={(event) => event.target === event.currentTarget && onClose()}
    >
      <div className={styles.content}>
        <header className={styles.header}>
          <h2 id={id} className={styles.title}>
            {title}
          </h2>
          <IconButton label={text.common.close} onClick={onClose}>
            <X size={20} aria-hidden />
          </IconButton>
        </header>
        {children}
      </div>
    </dialog>
  );
}

export const DialogActions = ({ children }: { readonly children: ReactNode }): ReactNode => (
  <div className={styles.actions}>{children}</div>
);
