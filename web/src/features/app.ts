import { createContext, useContext } from "react";
import type { Chat } from "../model/Chat";
import type { Session } from "../model/Session";
import type { Settings } from "../model/Settings";
import type { Router } from "../ui/Router";

/** What every screen can reach: made once in `app/start.ts`. */
export interface App {
  readonly session: Session;
  readonly settings: Settings;
  readonly router: Router;
  /** The token of the set-up link, taken out of the address at start. */
  readonly setupToken: string | null;
}

export const AppContext = createContext<App | null>(null);
export const ChatContext = createContext<Chat | null>(null);

function required<T>(value: T | null, name: string): T {
  if (value === null) throw new Error(`outside of ${name}`);
  return value;
}

export const useApp = (): App => required(useContext(AppContext), "AppContext");

/** The signed-in user's stores: only below the screens of somebody who is signed in. */
export const useChat = (): Chat => required(useContext(ChatContext), "ChatContext");
