import { CloudOff, LoaderCircle } from "lucide-react";
import { useEffect, useState, type ReactNode } from "react";
import { useText } from "../../i18n";
import type { Phase } from "../../model/Connection";
import { useStore } from "../../ui/useSelect";
import { useChat } from "../app";
import styles from "./ConnectionBar.module.css";

/** A break is told only once it lasts: most are over before anybody would have noticed. */
const ShownAfter: Readonly<Partial<Record<Phase, number>>> = { connecting: 3_000, waiting: 3_000, syncing: 1_000, offline: 0 };

export function ConnectionBar(): ReactNode {
  const text = useText();
  const chat = useChat();
  const phase = useStore(chat.connection.state);
  // Dialling and waiting take turns: for whoever looks they are one thing.
  const kind = phase === "waiting" ? "connecting" : phase;
  const [shown, setShown] = useState<Phase | null>(null);
  useEffect(() => {
    const after = ShownAfter[kind];
    if (after === undefined) return setShown(null);
    const timer = setTimeout(() => setShown(kind), after);
    return () => clearTimeout(timer);
  }, [kind]);
  const words = shown === "connecting" ? text.connection.connecting : shown === "syncing" ? text.connection.syncing : shown === "offline" ? text.connection.offline : null;
  return (
    <div role="status" aria-live="assertive">
      {words === null ? null : (
        <p className={styles.bar}>
          {shown === "offline" ? <CloudOff size={16} aria-hidden /> : <LoaderCircle size={16} aria-hidden className={styles.turning} />}
          {words}
        </p>
      )}
    </div>
  );
}
