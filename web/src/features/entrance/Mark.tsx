import type { ReactNode } from "react";
import styles from "./Card.module.css";

/** The sign of United. */
export const Mark = (): ReactNode => (
  <svg viewBox="0 0 32 32" className={styles.mark} aria-hidden>
    <rect width="32" height="32" rx="8" className={styles.markField} />
    <path d="M9 8.5v8.2a7 7 0 0 0 14 0V8.5" className={styles.markLine} />
    <circle cx="16" cy="14.5" r="2.3" className={styles.markDot} />
  </svg>
);
