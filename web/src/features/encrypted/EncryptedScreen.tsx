import { ArrowLeft, Lock, MessageSquareX, ShieldCheck, ShieldQuestionMark } from "lucide-react";
import { useEffect, useMemo, useState, type ReactNode } from "react";
import { useText } from "../../i18n";
import type { Acquaintance } from "../../model/Talk";
import { IconButton } from "../../ui/Button";
import { Empty } from "../../ui/Notice";
import { Skeleton } from "../../ui/Skeleton";
import { useStore } from "../../ui/useSelect";
import { useApp, useChat } from "../app";
import screens from "../conversation/ConversationScreen.module.css";
import { Link } from "../Link";
import { EncryptedCard } from "./EncryptedCard";
import { EncryptedPane } from "./EncryptedPane";
import { SafetyDialog } from "./SafetyDialog";
import styles from "./EncryptedPane.module.css";

interface ScreenProps {
  readonly id: string;
  /** On a phone the list is another screen: there is a way back to it. */
  readonly narrow: boolean;
}

export function EncryptedScreen({ id, narrow }: ScreenProps): ReactNode {
  const text = useText();
  const chat = useChat();
  const { phase, talks } = useStore(chat.encrypted.state);
  const whom = talks.find((talk) => talk.id === id);
  if (whom !== undefined && phase === "ready") return <Conversation key={id} whom={whom} narrow={narrow} />;
  return (
    <main className={screens.screen}>
      {phase === "closed" ? (
        <Skeleton kind="message" rows={8} />
      ) : phase === "ready" ? (
        <Empty icon={<MessageSquareX size={22} aria-hidden />} heading title={text.encrypted.gone} hint={text.encrypted.goneHint}>
          <Link to={{ at: "home" }}>{text.notFound.home}</Link>
        </Empty>
      ) : (
        <Empty icon={<Lock size={22} aria-hidden />} heading title={text.encrypted.notHere}>
          <div className={styles.card}>
            <EncryptedCard />
          </div>
          <Link to={{ at: "home" }}>{text.notFound.home}</Link>
        </Empty>
      )}
    </main>
  );
}

function Conversation({ whom, narrow }: { readonly whom: Acquaintance; readonly narrow: boolean }): ReactNode {
  const text = useText();
  const chat = useChat();
  const { router } = useApp();
  const talk = useMemo(() => chat.encrypted.talk(whom), [chat, whom]);
  const { trust } = useStore(talk.state);
  const [comparing, setComparing] = useState(false);
  useEffect(() => talk.resume(), [talk]);
  const Name = narrow ? "h1" : "h2";
  return (
    <main className={screens.screen} id="messages" tabIndex={-1}>
      <header className={screens.header}>
        {narrow ? (
          <IconButton label={text.channel.backToList} onClick={() => router.back({ at: "home" })}>
            <ArrowLeft size={20} aria-hidden />
          </IconButton>
        ) : null}
        <Lock size={18} aria-label={text.encrypted.title} className={screens.kind} />
        <Name className={screens.name} title={whom.name}>
          <bdi>{whom.name}</bdi>
        </Name>
        <p className={styles.trust}>{trust === "verified" ? text.encrypted.verified : null}</p>
        <IconButton label={text.encrypted.safety} onClick={() => setComparing(true)}>
          {trust === "verified" ? <ShieldCheck size={20} aria-hidden /> : <ShieldQuestionMark size={20} aria-hidden />}
        </IconButton>
      </header>
      <EncryptedPane talk={talk} onCompare={() => setComparing(true)} />
      {comparing ? <SafetyDialog talk={talk} onClose={() => setComparing(false)} /> : null}
    </main>
  );
}
