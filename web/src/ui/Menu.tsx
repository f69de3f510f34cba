import { Check } from "lucide-react";
import type { ReactNode } from "react";
import { classes } from "./classes";
import styles from "./Menu.module.css";

interface MenuItemProps {
  readonly icon?: ReactNode;
  readonly danger?: boolean;
  /** One of several, of which one holds. */
  readonly checked?: boolean;
  readonly onSelect: () => void;
  readonly children: ReactNode;
}

export function MenuItem({ icon, danger, checked, onSelect, children }: MenuItemProps): ReactNode {
  return (
    <button
      type="button"
      role={checked === undefined ? "menuitem" : "menuitemradio"}
      aria-checked={checked}
      tabIndex={-1}
      className={classes(styles.item, danger && styles.danger)}
      onClick={onSelect}
    >
      <span className={styles.icon}>{icon}</span>
      <span className={styles.text}>{children}</span>
      {checked ? <Check size={16} aria-hidden /> : null}
    </button>
  );
}

export const MenuGroup = ({ label, children }: { readonly label: string; readonly children: ReactNode }): ReactNode => (
  <div role="group" aria-label={label} className={styles.group}>
    <div className={styles.label} aria-hidden>
      {label}
    </div>
    {children}
  </div>
);
