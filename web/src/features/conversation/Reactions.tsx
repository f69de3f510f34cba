import type { ReactNode } from "react";
import { format, useText, type Catalogue } from "../../i18n";
import { withWanted } from "../../model/Reactions";
import { classes } from "../../ui/classes";
import { useSelect, useStore } from "../../ui/useSelect";
import type { Message, Reaction, User } from "../../wire/shapes";
import { useChat } from "../app";
import type { RowActions } from "./actions";
import { ReactButton } from "./RowBar";
import styles from "./Reactions.module.css";

const NamesShown = 5;

/** The reactions under a message, each a switch of one's own. */
export function Reactions({ message, actions }: { readonly message: Message; readonly actions: RowActions }): ReactNode {
  const chat = useChat();
  const wanted = useSelect(chat.reactions.state, (all) => all.get(message.id));
  const reactions = withWanted(message, wanted, chat.me.id);
  return reactions.length === 0 ? null : <Chips message={message} reactions={reactions} actions={actions} />;
}

interface ChipsProps {
  readonly message: Message;
  readonly reactions: readonly Reaction[];
  readonly actions: RowActions;
}

function Chips({ message, reactions, actions }: ChipsProps): ReactNode {
  const text = useText();
  const chat = useChat();
  const { users } = useStore(chat.people.state);
  return (
    <div className={styles.row}>
      {reactions.map(({ emoji, userIds }) => {
        const mine = userIds.includes(chat.me.id);
        const who = whoReacted(text, emoji, userIds, users, chat.me.id);
        return (
          <button
            key={emoji}
            type="button"
            className={classes(styles.chip, mine && styles.mine)}
            aria-pressed={mine}
            aria-label={`${emoji} ${userIds.length}: ${who}`}
            title={who}
            onClick={() => actions.react(message, emoji)}
          >
            <span className={styles.emoji}>{emoji}</span>
            <span>{userIds.length}</span>
          </button>
        );
      })}
      <ReactButton message={message} actions={actions} className={styles.add} />
    </div>
  );
}

function whoReacted(text: Catalogue, emoji: string, ids: readonly string[], users: ReadonlyMap<string, User>, me: string): string {
  const names = ids.slice(0, NamesShown).map((id) => (id === me ? text.message.you : (users.get(id)?.displayName ?? text.message.someone)));
  const more = ids.length - names.length;
  return text.message.reactions(emoji, more > 0 ? names.join(", ") : format.list(text.language, names), more);
}
