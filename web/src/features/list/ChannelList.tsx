import { Hash, Lock, Plus, UserPlus } from "lucide-react";
import { useState, type ReactNode } from "react";
import { useText } from "../../i18n";
import { Button, IconButton } from "../../ui/Button";
import { classes } from "../../ui/classes";
import { Empty, Notice } from "../../ui/Notice";
import { Skeleton } from "../../ui/Skeleton";
import { useSelect, useStore } from "../../ui/useSelect";
import type { Conversation } from "../../wire/shapes";
import { useApp, useChat } from "../app";
import { EncryptedList } from "../encrypted/EncryptedList";
import { InviteDialog } from "../invite/InviteDialog";
import { Link } from "../Link";
import { MeStrip } from "../me/MeStrip";
import { may } from "../rights";
import { Badge } from "./Badge";
import styles from "./ChannelList.module.css";
import { CreateChannel } from "./CreateChannel";
import { ordered } from "./ordered";

/** The left pane: the server's name, its channels, and who I am. */
export function ChannelList({ current }: { readonly current: string | null }): ReactNode {
  const text = useText();
  const chat = useChat();
  const { session } = useApp();
  const server = useStore(session.server);
  const [open, setOpen] = useState<"none" | "create" | "invite">("none");
  const close = (): void => setOpen("none");
  return (
    <nav className={styles.pane} aria-label={text.list.channels}>
      <header className={styles.header}>
        <h1 className={styles.server}>
          <bdi>{server?.name ?? text.product}</bdi>
        </h1>
        {may(chat.me, "manage_members") ? (
          <IconButton label={text.list.invite} onClick={() => setOpen("invite")}>
            <UserPlus size={20} aria-hidden />
          </IconButton>
        ) : null}
      </header>
      <div className={styles.scroll}>
        <div className={styles.section}>
          <h2 className={styles.heading}>{text.list.channels}</h2>
          {may(chat.me, "manage_channels") ? (
            <IconButton size="small" label={text.list.createChannel} onClick={() => setOpen("create")}>
              <Plus size={18} aria-hidden />
            </IconButton>
          ) : null}
        </div>
        <Channels current={current} onCreate={() => setOpen("create")} />
        <EncryptedList current={current} />
      </div>
      <MeStrip />
      {open === "create" ? <CreateChannel onClose={close} /> : null}
      {open === "invite" ? <InviteDialog onClose={close} /> : null}
    </nav>
  );
}

function Channels({ current, onCreate }: { readonly current: string | null; readonly onCreate: () => void }): ReactNode {
  const text = useText();
  const chat = useChat();
  const loaded = useStore(chat.lists);
  const channels = useSelect(chat.conversations.state, ordered, sameList);
  if (channels.length === 0 && loaded === "loading") return <Skeleton kind="item" rows={8} />;
  if (channels.length === 0 && loaded === "failed") {
    return <Notice onRetry={() => void chat.load().catch(() => undefined)}>{text.list.failed}</Notice>;
  }
  if (channels.length === 0) {
    return (
      <Empty title={text.list.empty} hint={text.list.emptyHint}>
        {may(chat.me, "manage_channels") ? <Button onClick={onCreate}>{text.list.createChannel}</Button> : null}
      </Empty>
    );
  }
  return (
    <ul>
      {channels.map((channel) => (
        <li key={channel.id}>
          <ChannelItem channel={channel} current={channel.id === current} />
        </li>
      ))}
    </ul>
  );
}

const sameList = (a: readonly Conversation[], b: readonly Conversation[]): boolean =>
  a.length === b.length && a.every((one, at) => one === b[at]);

function ChannelItem({ channel, current }: { readonly channel: Conversation; readonly current: boolean }): ReactNode {
  const text = useText();
  const chat = useChat();
  const { name, unread, mentions } = channel;
  const draft = useSelect(chat.drafts.state, (drafts) => drafts.has(channel.id)) && !current;
  return (
    <Link
      to={{ at: "channel", id: channel.id, members: false }}
      className={classes(styles.item, current && styles.current, unread > 0 && styles.unread)}
      aria-current={current ? "page" : undefined}
      title={name}
    >
      {channel.private ? <Lock size={16} aria-label={text.list.private} /> : <Hash size={16} aria-hidden />}
      <span className={styles.name}>
        <bdi>{name}</bdi>
      </span>
      {draft ? <span className={styles.draft}>{text.list.draft}</span> : null}
      {mentions > 0 ? (
        <Badge count={mentions} meaning={text.list.mentions(mentions)} mention />
      ) : unread > 0 ? (
        <Badge count={unread} meaning={text.list.unread(unread)} />
      ) : null}
    </Link>
  );
}
