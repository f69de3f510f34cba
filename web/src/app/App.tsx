import type { ReactNode } from "react";
import { problemText, useText } from "../i18n";
import { Button } from "../ui/Button";
import { Empty } from "../ui/Notice";
import { useLate } from "../ui/Skeleton";
import { useStore } from "../ui/useSelect";
import { isProblem } from "../wire/problem";
import { ChatContext, useApp } from "../features/app";
import { Mark } from "../features/entrance/Mark";
import { Register } from "../features/entrance/Register";
import { SignIn } from "../features/entrance/SignIn";
import { SetupInvite, SetupOwner, SetupServer } from "../features/setup/Setup";
import { Shell } from "../features/shell/Shell";
import styles from "./App.module.css";

/** Which screen: by who is signed in first, by the address second. */
export function App(): ReactNode {
  const { session, router } = useApp();
  const state = useStore(session.state);
  const server = useStore(session.server);
  const route = useStore(router.route);
  switch (state.at) {
    case "starting":
      return <Starting />;
    case "unreachable":
      return <Unreachable error={state.error} onRetry={() => void session.start()} />;
    case "out":
      if (server?.setupNeeded || route.at === "setup") return <SetupOwner />;
      if (route.at === "register") return <Register code={null} />;
      if (route.at === "invite") return <Register key={route.code} code={route.code} />;
      return <SignIn ended={state.ended} />;
    case "in":
      return (
        <ChatContext value={state.chat}>
          {route.at === "setup" && state.chat.me.role === "owner" ? (
            route.step === "invite" ? (
              <SetupInvite />
            ) : (
              <SetupServer />
            )
          ) : (
            <Shell key={state.chat.me.id} />
          )}
        </ChatContext>
      );
  }
}

function Starting(): ReactNode {
  const text = useText();
  const late = useLate();
  return (
    <main className={styles.middle}>
      <h1 className="visually-hidden">{text.product}</h1>
      <p role="status" className={styles.starting}>
        {late ? <Mark /> : null}
        <span className="visually-hidden">{text.common.loading}</span>
      </p>
    </main>
  );
}

function Unreachable({ error, onRetry }: { readonly error: unknown; readonly onRetry: () => void }): ReactNode {
  const text = useText();
  const why = isProblem(error, "rate_limited") ? problemText(text, error) : text.connection.unreachableWhy;
  return (
    <main className={styles.middle}>
      <Empty icon={<Mark />} heading title={text.connection.unreachable} hint={why}>
        <Button look="main" onClick={onRetry}>
          {text.common.retry}
        </Button>
      </Empty>
    </main>
  );
}
