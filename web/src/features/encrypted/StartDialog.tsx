import { useEffect, useState, type ReactNode } from "react";
import { problemText, useText } from "../../i18n";
import type { User } from "../../wire/shapes";
import { Avatar } from "../../ui/Avatar";
import { Dialog } from "../../ui/Dialog";
import { Field } from "../../ui/Field";
import { Empty, Notice } from "../../ui/Notice";
import { Skeleton } from "../../ui/Skeleton";
import { useStore } from "../../ui/useSelect";
import { useApp, useChat } from "../app";
import { useAction } from "../useAction";
import styles from "./Dialogs.module.css";

/** Who can be written to in secret: members who have made their keys. */
export function StartDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const text = useText();
  const chat = useChat();
  const { router } = useApp();
  const { users, loading } = useStore(chat.people.state);
  const [sought, setSought] = useState("");
  // Somebody may have made their keys since the members were loaded.
  useEffect(() => void chat.people.load(), [chat]);
  const start = useAction(async (user: User) => {
    const id = await chat.encrypted.converse(user);
    onClose();
    router.go({ at: "encrypted", id });
  });
  const able = [...users.values()].filter(({ id, publicKey, suspended }) => publicKey !== "" && id !== chat.me.id && !suspended);
  const found = able.filter((user) => matches(user, sought)).toSorted((a, b) => a.displayName.localeCompare(b.displayName));
  return (
    <Dialog title={text.encrypted.startTitle} onClose={onClose}>
      {start.error ? <Notice>{problemText(text, start.error)}</Notice> : null}
      {loading === "failed" ? <Notice onRetry={() => void chat.people.load()}>{text.members.failed}</Notice> : null}
      {able.length === 0 ? (
        loading === "loading" ? (
          <Skeleton kind="item" rows={3} />
        ) : (
          <Empty title={text.encrypted.nobody} hint={text.encrypted.nobodyHint} />
        )
      ) : (
        <>
          <Field label={text.encrypted.find} autoComplete="off" value={sought} onValue={setSought} />
          {found.length === 0 ? <p>{text.encrypted.noneFound}</p> : null}
          <ul className={styles.people}>
            {found.map((user) => (
              <li key={user.id}>
                <button type="button" className={styles.person} title={`@${user.username}`} onClick={() => void start.run(user)}>
                  <Avatar id={user.id} name={user.displayName} size="list" />
                  <span className={styles.name}>
                    <bdi>{user.displayName}</bdi>
                  </span>
                </button>
              </li>
            ))}
          </ul>
        </>
      )}
    </Dialog>
  );
}

const matches = ({ displayName, username }: User, sought: string): boolean =>
  [displayName, username].some((name) => name.toLowerCase().includes(sought.trim().toLowerCase()));
