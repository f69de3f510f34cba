import type { ReactNode } from "react";
import { useText } from "../../i18n";
import { classes } from "../../ui/classes";
import styles from "./ChannelList.module.css";

/** How many, and for whoever does not see it, of what. */
export function Badge({ count, meaning, mention }: { readonly count: number; readonly meaning: string; readonly mention?: boolean }): ReactNode {
  const text = useText();
  return (
    <span className={classes(styles.badge, mention && styles.mention)}>
      <span aria-hidden>{text.list.shown(count)}</span>
      <span className="visually-hidden">{meaning}</span>
    </span>
  );
}
