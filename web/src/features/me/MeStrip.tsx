import { LogOut, Settings as Gear } from "lucide-react";
import { useCallback, useRef, useState, type ReactNode } from "react";
import { useText } from "../../i18n";
import type { Theme } from "../../model/Settings";
import { Avatar } from "../../ui/Avatar";
import { Button, IconButton } from "../../ui/Button";
import { Dialog, DialogActions } from "../../ui/Dialog";
import { MenuGroup, MenuItem } from "../../ui/Menu";
import { Popover } from "../../ui/Popover";
import { useSelect, useStore } from "../../ui/useSelect";
import { useApp, useChat } from "../app";
import styles from "./MeStrip.module.css";

const Statuses = ["online", "away", "dnd"] as const;
const Themes: readonly Theme[] = ["system", "light", "dark"];

/** Who I am, how I am shown, and the way out. */
export function MeStrip(): ReactNode {
  const text = useText();
  const chat = useChat();
  const [open, setOpen] = useState(false);
  const [asking, setAsking] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const phase = useStore(chat.connection.state);
  const shown = useSelect(chat.people.state, ({ presence }) => presence.get(chat.me.id) ?? "online");
  const status = phase === "live" ? shown : "offline";
  const close = useCallback(() => setOpen(false), []);
  return (
    <div className={styles.strip}>
      <Avatar id={chat.me.id} name={chat.me.displayName} size="list" presence={status} />
      <div className={styles.names}>
        <span className={styles.name}>
          <bdi>{chat.me.displayName}</bdi>
        </span>
        <span className={styles.status}>{text.presence[status]}</span>
      </div>
      <IconButton
        ref={button}
        label={text.me.menu}
        aria-haspopup="menu"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        <Gear size={20} aria-hidden />
      </IconButton>
      {open ? (
        <Popover anchor={button} role="menu" label={text.me.menu} onClose={close}>
          <MeMenu onClose={close} onUnsent={() => setAsking(true)} />
        </Popover>
      ) : null}
      {asking ? <Unsent onClose={() => setAsking(false)} /> : null}
    </div>
  );
}

function MeMenu({ onClose, onUnsent }: { readonly onClose: () => void; readonly onUnsent: () => void }): ReactNode {
  const text = useText();
  const chat = useChat();
  const { session, settings } = useApp();
  const theme = useStore(settings.theme);
  const phase = useStore(chat.connection.state);
  const shown = useSelect(chat.people.state, ({ presence }) => presence.get(chat.me.id) ?? "online");
  const then = (work: () => void) => (): void => {
    onClose();
    work();
  };
  return (
    <>
      {phase === "live" ? (
        <MenuGroup label={text.me.status}>
          {Statuses.map((status) => (
            <MenuItem key={status} checked={status === shown} onSelect={then(() => void chat.setPresence(status))}>
              {text.presence[status]}
            </MenuItem>
          ))}
        </MenuGroup>
      ) : null}
      <MenuGroup label={text.me.theme}>
        {Themes.map((one) => (
          <MenuItem key={one} checked={one === theme} onSelect={then(() => settings.setTheme(one))}>
            {text.me.themes[one]}
          </MenuItem>
        ))}
      </MenuGroup>
      <MenuItem
        icon={<LogOut size={18} aria-hidden />}
        onSelect={then(() => (chat.outbox.state.get().length > 0 ? onUnsent() : void session.logOut()))}
      >
        {text.me.signOut}
      </MenuItem>
    </>
  );
}

function Unsent({ onClose }: { readonly onClose: () => void }): ReactNode {
  const text = useText();
  const chat = useChat();
  const { session } = useApp();
  const count = useSelect(chat.outbox.state, (items) => items.length);
  return (
    <Dialog title={text.me.unsentTitle(count)} onClose={onClose}>
      <p>{text.me.unsentWhy}</p>
      <DialogActions>
        <Button onClick={onClose}>{text.common.cancel}</Button>
        <Button look="danger" onClick={() => void session.logOut()}>
          {text.me.signOutAnyway}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
