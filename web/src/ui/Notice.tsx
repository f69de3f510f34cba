import { CircleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { useText } from "../i18n";
import { Button } from "./Button";
import styles from "./Notice.module.css";

interface NoticeProps {
  readonly children: ReactNode;
  readonly onRetry?: () => void;
}

/** An error where the content would stand: what is the matter and, if there is one, the way on. */
export function Notice({ children, onRetry }: NoticeProps): ReactNode {
  const text = useText();
  return (
    <div role="alert" className={styles.notice}>
      <CircleAlert size={18} aria-hidden className={styles.icon} />
      <div className={styles.words}>{children}</div>
      {onRetry ? (
        <Button className={styles.retry} onClick={onRetry}>
          {text.common.retry}
        </Button>
      ) : null}
    </div>
  );
}

interface EmptyProps {
  readonly icon?: ReactNode;
  readonly title: string;
  readonly hint?: string;
  readonly children?: ReactNode;
  /** The title is the screen's heading. */
  readonly heading?: boolean;
}

/** Nothing here, and what to do about it. */
export function Empty({ icon, title, hint, children, heading }: EmptyProps): ReactNode {
  return (
    <div className={styles.empty}>
      {icon ? <span className={styles.emptyIcon}>{icon}</span> : null}
      {heading ? <h1 className={styles.emptyTitle}>{title}</h1> : <p className={styles.emptyTitle}>{title}</p>}
      {hint ? <p className={styles.emptyHint}>{hint}</p> : null}
      {children}
    </div>
  );
}
