import type { ButtonHTMLAttributes, ReactNode, Ref } from "react";
import { classes } from "./classes";
import styles from "./Button.module.css";

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly look?: "main" | "plain" | "quiet" | "danger";
  /** Work is under way: it stays in place, and can't be started twice. */
  readonly busy?: boolean;
}

export function Button({ look = "plain", busy = false, className, children, disabled, onClick, ...rest }: ButtonProps): ReactNode {
  return (
    <button
      type="button"
      {...rest}
      className={classes(styles.button, styles[look], busy && styles.busy, className)}
      disabled={disabled}
      aria-busy={busy || undefined}
      onClick={busy ? (event) => event.preventDefault() : onClick}
    >
      {children}
    </button>
  );
}

interface IconButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly label: string;
  readonly size?: "small" | "normal";
  readonly ref?: Ref<HTMLButtonElement>;
}

export function IconButton({ label, size = "normal", className, children, ...rest }: IconButtonProps): ReactNode {
  return (
    <button type="button" aria-label={label} title={label} {...rest} className={classes(styles.icon, styles[size], className)}>
      {children}
    </button>
  );
}
