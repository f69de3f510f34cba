import { ArrowLeft, Hash, Lock, MessageSquareX, Users } from "lucide-react";
import type { ReactNode } from "react";
import { useText } from "../../i18n";
import { Button, IconButton } from "../../ui/Button";
import { Empty } from "../../ui/Notice";
import { Skeleton } from "../../ui/Skeleton";
import { useSelect, useStore } from "../../ui/useSelect";
import type { Conversation } from "../../wire/shapes";
import { useApp, useChat } from "../app";
import { Link } from "../Link";
import { ConversationPane } from "./ConversationPane";
import styles from "./ConversationScreen.module.css";

interface ScreenProps {
  readonly id: string;
  /** On a phone the list is another screen: there is a way back to it. */
  readonly narrow: boolean;
  readonly membersShown: boolean;
  readonly onMembers: () => void;
}

export function ConversationScreen({ id, narrow, membersShown, onMembers }: ScreenProps): ReactNode {
  const text = useText();
  const chat = useChat();
  const lists = useStore(chat.lists);
  const channel = useSelect(chat.conversations.state, (byId) => byId.get(id));
  if (channel === undefined) {
    return (
      <main className={styles.screen}>
        {lists === "loading" ? (
          <Skeleton kind="message" rows={8} />
        ) : lists === "failed" ? (
          // Where the list stands beside it, it says so as well; on a phone nobody else does.
          <Empty icon={<MessageSquareX size={22} aria-hidden />} heading title={text.list.failed}>
            <Button onClick={() => void chat.load().catch(() => undefined)}>{text.common.retry}</Button>
          </Empty>
        ) : (
          <Empty icon={<MessageSquareX size={22} aria-hidden />} heading title={text.channel.gone} hint={text.channel.goneHint}>
            <Link to={{ at: "home" }}>{text.notFound.home}</Link>
          </Empty>
        )}
      </main>
    );
  }
  return (
    <main className={styles.screen} id="messages" tabIndex={-1}>
      <Header channel={channel} narrow={narrow} membersShown={membersShown} onMembers={onMembers} />
      <ConversationPane key={id} channel={channel} />
    </main>
  );
}

interface HeaderProps extends Omit<ScreenProps, "id"> {
  readonly channel: Conversation;
}

function Header({ channel, narrow, membersShown, onMembers }: HeaderProps): ReactNode {
  const text = useText();
  const { router } = useApp();
  // On a phone the list is not beside it, so this is the screen's heading; elsewhere it names one of the panes.
  const Name = narrow ? "h1" : "h2";
  return (
    <header className={styles.header}>
      {narrow ? (
        <IconButton label={text.channel.backToList} onClick={() => router.back({ at: "home" })}>
          <ArrowLeft size={20} aria-hidden />
        </IconButton>
      ) : null}
      {channel.private ? (
        <Lock size={18} aria-label={text.list.private} className={styles.kind} />
      ) : (
        <Hash size={20} aria-hidden className={styles.kind} />
      )}
      <Name className={styles.name} title={channel.name}>
        <bdi>{channel.name}</bdi>
      </Name>
      <p className={styles.topic} title={channel.topic} dir="auto">
        {channel.topic}
      </p>
      <IconButton
        label={membersShown ? text.channel.hideMembers : text.channel.showMembers}
        aria-pressed={membersShown}
        onClick={onMembers}
      >
        <Users size={20} aria-hidden />
      </IconButton>
    </header>
  );
}
