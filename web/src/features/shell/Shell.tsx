import { useEffect, type ReactNode } from "react";
import { useText } from "../../i18n";
import { Empty } from "../../ui/Notice";
import { useSelect, useStore } from "../../ui/useSelect";
import { useApp, useChat } from "../app";
import { ConversationScreen } from "../conversation/ConversationScreen";
import { EncryptedScreen, Later } from "../encrypted/later";
import { Link } from "../Link";
import { ChannelList } from "../list/ChannelList";
import { may } from "../rights";
import { ordered } from "../list/ordered";
import { Members } from "../members/Members";
import { ConnectionBar } from "./ConnectionBar";
import { NoticeStack } from "./NoticeStack";
import styles from "./Shell.module.css";
import { useShortcuts } from "./useShortcuts";
import { useTitle } from "./useTitle";
import { useWidth } from "./useWidth";

/** The panes of somebody who is signed in. On a phone each pane is a screen of its own. */
export function Shell(): ReactNode {
  const text = useText();
  const chat = useChat();
  const { router, settings } = useApp();
  const route = useStore(router.route);
  const width = useWidth();
  const beside = useStore(settings.members);
  const current = route.at === "channel" ? route.id : null;
  const encrypted = route.at === "encrypted" ? route.id : null;
  useFirstChannel(width !== "narrow");
  useTitle(current, encrypted);
  useShortcuts(current);
  const channel = useSelect(chat.conversations.state, (byId) => byId.get(current ?? ""));
  const visited = channel?.id;
  useEffect(() => {
    if (visited !== undefined) settings.visited(visited);
  }, [visited, settings]);

  const lists = useStore(chat.lists);
  // Not beside a channel that is not there: its header has the button that puts them away.
  const peopled = channel !== undefined || (current !== null && lists === "loading");
  const overlaid = peopled && route.at === "channel" && route.members && width !== "wide";
  const members = peopled && (width === "wide" ? beside : overlaid);
  const closeMembers = (): void => current !== null ? router.back({ at: "channel", id: current, members: false }) : undefined;
  const toggleMembers = (): void => {
    if (width === "wide") settings.showMembers(!beside);
    else if (overlaid) closeMembers();
    else if (current !== null) router.go({ at: "channel", id: current, members: true });
  };
  const narrow = width === "narrow";
  const shown = narrow && overlaid ? undefined : channel;
  return (
    <div className={styles.shell} data-members={members ? width : undefined}>
      {shown === undefined && encrypted === null ? null : (
        <a className={styles.skip} href="#messages">
          {text.skip.toMessages}
        </a>
      )}
      {encrypted === null && (shown === undefined || (shown.readOnly && !may(chat.me, "manage_channels"))) ? null : (
        <a className={styles.skip} href="#composer">
          {text.skip.toComposer}
        </a>
      )}
      <ConnectionBar />
      <div className={styles.panes}>
        {narrow && current === null && encrypted === null ? (
          <main className={styles.alone}>
            <ChannelList current={null} />
          </main>
        ) : null}
        {narrow ? null : <ChannelList current={current ?? encrypted} />}
        {current !== null && !(narrow && overlaid) ? (
          <ConversationScreen id={current} narrow={narrow} membersShown={members} onMembers={toggleMembers} />
        ) : null}
        {encrypted === null ? null : (
          <Later meanwhile={<main />}>
            <EncryptedScreen id={encrypted} narrow={narrow} />
          </Later>
        )}
        {current === null && encrypted === null && !narrow ? (
          <main className={styles.nothing}>
            {route.at === "unknown" ? (
              <Empty heading title={text.notFound.title}>
                <Link to={{ at: "home" }}>{text.notFound.home}</Link>
              </Empty>
            ) : null}
          </main>
        ) : null}
        {members ? (
          <div className={width === "middle" ? styles.overlay : styles.beside} onClick={(event) => event.target === event.currentTarget && width === "middle" && closeMembers()}>
            <Members screen={narrow} onClose={width === "wide" ? null : closeMembers} />
          </div>
        ) : null}
      </div>
      <NoticeStack />
    </div>
  );
}

/** Where the list stands beside the conversation, something is always open: the last one visited, or the first. */
function useFirstChannel(wanted: boolean): void {
  const chat = useChat();
  const { router, settings } = useApp();
  const route = useStore(router.route);
  const first = useSelect(chat.conversations.state, (byId) => {
    const last = settings.lastVisited();
    return last !== null && byId.has(last) ? last : (ordered(byId)[0]?.id ?? null);
  });
  const nowhere = route.at === "home" || route.at === "setup" || route.at === "login" || route.at === "register" || route.at === "invite";
  useEffect(() => {
    if (nowhere && wanted && first !== null) router.go({ at: "channel", id: first, members: false }, "replace");
    else if (nowhere && route.at !== "home") router.go({ at: "home" }, "replace");
  }, [nowhere, wanted, first, route.at, router]);
}
