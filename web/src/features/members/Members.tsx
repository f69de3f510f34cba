import { ArrowLeft, Users, X } from "lucide-react";
import { useEffect, useMemo, type ReactNode } from "react";
import { useText } from "../../i18n";
import { Avatar } from "../../ui/Avatar";
import { IconButton } from "../../ui/Button";
import { classes } from "../../ui/classes";
import { Empty, Notice } from "../../ui/Notice";
import { Skeleton } from "../../ui/Skeleton";
import { useStore } from "../../ui/useSelect";
import type { PresenceStatus, User } from "../../wire/shapes";
import { useChat } from "../app";
import styles from "./Members.module.css";

interface MembersProps {
  /** Where it covers the conversation there is a way back. */
  readonly onClose: (() => void) | null;
  readonly screen: boolean;
}

/** Who is here, those on line first. */
export function Members({ onClose, screen }: MembersProps): ReactNode {
  const text = useText();
  const chat = useChat();
  const { users, presence, loading, more } = useStore(chat.people.state);
  // With many on line changes are pushed of acquaintances alone: whoever looks at everybody asks.
  useEffect(() => void chat.people.refreshPresence().catch(() => undefined), [chat]);
  const { online, offline } = useMemo(() => parted(users, presence), [users, presence]);
  const Pane = screen ? "main" : "aside";
  const Heading = screen ? "h1" : "h2";
  return (
    <Pane className={styles.pane} aria-label={text.members.title}>
      <header className={styles.header}>
        {screen && onClose ? (
          <IconButton label={text.common.back} onClick={onClose}>
            <ArrowLeft size={20} aria-hidden />
          </IconButton>
        ) : null}
        <Heading className={styles.title}>{text.members.title}</Heading>
        {!screen && onClose ? (
          <IconButton label={text.common.close} onClick={onClose}>
            <X size={20} aria-hidden />
          </IconButton>
        ) : null}
      </header>
      <div className={styles.scroll} tabIndex={0} role="group" aria-label={text.members.title}>
        {loading === "failed" ? <Notice onRetry={() => void chat.people.load()}>{text.members.failed}</Notice> : null}
        {loading === "loading" && users.size <= 1 ? (
          <Skeleton kind="item" rows={6} />
        ) : (
          <>
            <Group level={screen ? "h2" : "h3"} title={text.members.online(online.length)} users={online} presence={presence} />
            <Group level={screen ? "h2" : "h3"} title={text.members.offline(offline.length)} users={offline} presence={presence} />
            {loading === "ready" && users.size === 1 ? (
              <Empty icon={<Users size={20} aria-hidden />} title={text.members.onlyYou} hint={text.members.onlyYouHint} />
            ) : null}
            {more ? <p className={styles.more}>{text.members.more}</p> : null}
          </>
        )}
      </div>
    </Pane>
  );
}

interface GroupProps {
  readonly level: "h2" | "h3";
  readonly title: string;
  readonly users: readonly User[];
  readonly presence: ReadonlyMap<string, PresenceStatus>;
}

function Group({ level: Heading, title, users, presence }: GroupProps): ReactNode {
  const text = useText();
  const chat = useChat();
  if (users.length === 0) return null;
  return (
    <section>
      <Heading className={styles.heading}>{title}</Heading>
      <ul>
        {users.map((user) => {
          const status = presence.get(user.id) ?? "offline";
          return (
            <li key={user.id} className={classes(styles.item, status === "offline" && styles.away)} title={`@${user.username}`}>
              <Avatar id={user.id} name={user.displayName} size="list" presence={status} />
              <span className={styles.words}>
                <span className={styles.line}>
                  <span className={styles.name}>
                    <bdi>{user.displayName}</bdi>
                  </span>
                  {user.id === chat.me.id ? <span className={styles.you}>({text.members.you})</span> : null}
                </span>
                {user.role === "member" ? null : <span className={styles.role}>{text.roles[user.role]}</span>}
              </span>
              {status === "online" || status === "offline" ? null : <span className="visually-hidden">{text.presence[status]}</span>}
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function parted(users: ReadonlyMap<string, User>, presence: ReadonlyMap<string, PresenceStatus>): { online: User[]; offline: User[] } {
  const here = (user: User): boolean => (presence.get(user.id) ?? "offline") !== "offline";
  const standing = [...users.values()].filter(({ suspended }) => !suspended);
  const all = standing.toSorted((a, b) => a.displayName.localeCompare(b.displayName) || a.id.localeCompare(b.id));
  return { online: all.filter(here), offline: all.filter((user) => !here(user)) };
}
