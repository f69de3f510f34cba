import { Pencil, Reply, SmilePlus, Trash2 } from "lucide-react";
import { useCallback, useLayoutEffect, useRef, useState, type ReactNode } from "react";
import { useText } from "../../i18n";
import { IconButton } from "../../ui/Button";
import { Popover } from "../../ui/Popover";
import type { Message } from "../../wire/shapes";
import { useChat } from "../app";
import { may } from "../rights";
import { AllEmoji, QuickEmoji, type RowActions } from "./actions";
import styles from "./RowBar.module.css";

interface RowBarProps {
  readonly message: Message;
  readonly readOnly: boolean;
  readonly actions: RowActions;
}

const Edge = 2;

/** The actions on one message, beside it while it is pointed at or focused. */
export function RowBar({ message, readOnly, actions }: RowBarProps): ReactNode {
  const text = useText();
  const { me } = useChat();
  const mine = message.senderId === me.id;
  const bar = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    // At the upper edge of its row; where that is out of view, at the upper edge of what is in view.
    const pane = bar.current?.closest("[data-viewport]")?.getBoundingClientRect();
    const row = bar.current?.parentElement?.getBoundingClientRect();
    if (!bar.current || !pane || !row || bar.current.getBoundingClientRect().top >= pane.top) return;
    bar.current.style.insetBlock = `${Math.max(0, pane.top - row.top) + Edge}px auto`;
  }, []);
  return (
    <div ref={bar} className={styles.bar} role="toolbar" aria-label={text.message.actions}>
      {QuickEmoji.map((emoji) => (
        <IconButton key={emoji} size="small" className={styles.quick} label={`${text.message.react} ${emoji}`} onClick={() => actions.react(message, emoji)}>
          <span aria-hidden>{emoji}</span>
        </IconButton>
      ))}
      <ReactButton message={message} actions={actions} />
      {readOnly ? null : (
        <IconButton size="small" label={text.message.reply} onClick={() => actions.reply(message)}>
          <Reply size={18} aria-hidden />
        </IconButton>
      )}
      {mine ? (
        <IconButton size="small" label={text.message.edit} onClick={() => actions.edit(message)}>
          <Pencil size={16} aria-hidden />
        </IconButton>
      ) : null}
      {mine || may(me, "manage_messages") ? (
        <IconButton size="small" label={text.message.remove} onClick={() => actions.remove(message)}>
          <Trash2 size={16} aria-hidden />
        </IconButton>
      ) : null}
    </div>
  );
}

/** Opens the small picker. */
export function ReactButton({ message, actions, className }: Pick<RowBarProps, "message" | "actions"> & { readonly className?: string | undefined }): ReactNode {
  const text = useText();
  const button = useRef<HTMLButtonElement>(null);
  const [open, setOpen] = useState(false);
  const close = useCallback(() => setOpen(false), []);
  return (
    <>
      <IconButton
        ref={button}
        size="small"
        className={className}
        data-react
        label={text.message.react}
        aria-haspopup="dialog"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        <SmilePlus size={18} aria-hidden />
      </IconButton>
      {open ? (
        <Popover anchor={button} role="dialog" label={text.message.react} onClose={close}>
          <div className={styles.picker}>
            {AllEmoji.map((emoji) => (
              <button
                key={emoji}
                type="button"
                className={styles.emoji}
                onClick={() => {
                  close();
                  button.current?.focus();
                  actions.react(message, emoji);
                }}
              >
                {emoji}
              </button>
            ))}
          </div>
        </Popover>
      ) : null}
    </>
  );
}
