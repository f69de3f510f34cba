import { KeyRound, Lock, Plus } from "lucide-react";
import { useState, type ReactNode } from "react";
import { useText } from "../../i18n";
import type { Acquaintance } from "../../model/Talk";
import { IconButton } from "../../ui/Button";
import { classes } from "../../ui/classes";
import { useSelect, useStore } from "../../ui/useSelect";
import { useChat } from "../app";
import { Badge } from "../list/Badge";
import lists from "../list/ChannelList.module.css";
import { Link } from "../Link";
import { EncryptedCard } from "./EncryptedCard";
import { BackupDialog, Later, StartDialog } from "./later";
import styles from "./EncryptedList.module.css";

/** The encrypted conversations, below the channels; before there can be any, what they are and how to begin. */
export function EncryptedList({ current }: { readonly current: string | null }): ReactNode {
  const text = useText();
  const chat = useChat();
  const { phase, talks } = useStore(chat.encrypted.state);
  const [open, setOpen] = useState<"none" | "start" | "backup">("none");
  const close = (): void => setOpen("none");
  if (phase === "closed") return null;
  return (
    <section className={styles.section} aria-labelledby="encrypted-title">
      <div className={lists.section}>
        <h2 id="encrypted-title" className={lists.heading}>
          {text.encrypted.title}
        </h2>
        {phase === "ready" ? (
          <span className={styles.ways}>
            <IconButton size="small" label={text.encrypted.backup} onClick={() => setOpen("backup")}>
              <KeyRound size={16} aria-hidden />
            </IconButton>
            <IconButton size="small" label={text.encrypted.write} onClick={() => setOpen("start")}>
              <Plus size={18} aria-hidden />
            </IconButton>
          </span>
        ) : null}
      </div>
      {phase === "ready" ? (
        talks.length === 0 ? (
          <p className={styles.empty}>{text.encrypted.empty}</p>
        ) : (
          <ul>
            {talks.map((talk) => (
              <li key={talk.id}>
                <TalkItem talk={talk} current={talk.id === current} />
              </li>
            ))}
          </ul>
        )
      ) : (
        <EncryptedCard />
      )}
      {open === "none" ? null : <Later>{open === "start" ? <StartDialog onClose={close} /> : <BackupDialog onClose={close} />}</Later>}
    </section>
  );
}

function TalkItem({ talk, current }: { readonly talk: Acquaintance; readonly current: boolean }): ReactNode {
  const text = useText();
  const chat = useChat();
  const unread = useSelect(chat.conversations.state, (byId) => byId.get(talk.id)?.unread ?? 0);
  const draft = useSelect(chat.drafts.state, (drafts) => drafts.has(talk.id)) && !current;
  return (
    <Link
      to={{ at: "encrypted", id: talk.id }}
      className={classes(lists.item, current && lists.current, unread > 0 && lists.unread)}
      aria-current={current ? "page" : undefined}
      title={talk.name}
    >
      <Lock size={16} aria-hidden />
      <span className={lists.name}>
        <bdi>{talk.name}</bdi>
      </span>
      {draft ? <span className={lists.draft}>{text.list.draft}</span> : null}
      {unread > 0 ? <Badge count={unread} meaning={text.list.unread(unread)} /> : null}
    </Link>
  );
}
