import type { ReactNode } from "react";
import type { PresenceStatus } from "../wire/shapes";
import { classes } from "./classes";
import styles from "./Avatar.module.css";

interface AvatarProps {
  readonly id: string;
  readonly name: string;
  readonly size?: "row" | "list";
  readonly presence?: PresenceStatus | undefined;
}

/** Which of the eight colours stands for somebody: by id, so that it stays with a rename. */
export function colourOf(id: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < id.length; i++) hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193);
  return (hash >>> 16) % 8;
}

/** Says nothing of its own: the name always stands beside it. */
export function Avatar({ id, name, size = "row", presence }: AvatarProps): ReactNode {
  return (
    <span className={classes(styles.avatar, styles[size])} data-colour={colourOf(id)} aria-hidden>
      {initial(name)}
      {presence ? <PresenceMark status={presence} /> : null}
    </span>
  );
}

/** Presence is shape as well as colour: full, half, barred, ring. */
const PresenceMark = ({ status }: { readonly status: PresenceStatus }): ReactNode => (
  <svg className={classes(styles.presence, styles[status])} viewBox="0 0 12 12" aria-hidden>
    <circle className={styles.rim} cx="6" cy="6" r="6" />
    {status === "online" ? <circle cx="6" cy="6" r="4.2" fill="currentColor" /> : null}
    {status === "away" ? (
      <>
        <circle cx="6" cy="6" r="3.5" fill="none" stroke="currentColor" strokeWidth="1.4" />
        <path d="M6 2.5a3.5 3.5 0 0 0 0 7z" fill="currentColor" />
      </>
    ) : null}
    {status === "dnd" ? (
      <>
        <circle cx="6" cy="6" r="4.2" fill="currentColor" />
        <path className={styles.bar} d="M4 6h4" strokeWidth="1.6" strokeLinecap="round" />
      </>
    ) : null}
    {status === "offline" ? <circle cx="6" cy="6" r="3.4" fill="none" stroke="currentColor" strokeWidth="1.6" /> : null}
  </svg>
);

const initial = (name: string): string => {
  const [first = ""] = new Intl.Segmenter().segment(name.trim())[Symbol.iterator]().next().value?.segment.match(/.+/su) ?? [];
  return first.toUpperCase() || "?";
};
