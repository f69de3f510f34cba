import { isLoopback } from "../model/address";
import { Session, UserKey } from "../model/Session";
import { Settings } from "../model/Settings";
import { Router } from "../ui/Router";
import { Api } from "../wire/Api";
import { Tokens } from "../wire/Tokens";
import type { App } from "../features/app";
import { KeptStorage } from "./KeptStorage";

/** The server runs on this very machine: there is always a line to it. */
const isHere = isLoopback(location.hostname);

/** Puts the client together: wire, model, and what of the browser they listen to. */
export function start(): App {
  const setupToken = takeSetupToken(new KeptStorage(() => sessionStorage));
  const storage = new KeptStorage(() => localStorage);
  const session = new Session(new Api(new Tokens(storage)), {
    storage,
    socketUrl: `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws`,
    online: () => navigator.onLine || isHere,
    soon,
  });
  const settings = new Settings(storage);
  follow(session);
  dress(settings);
  void session.start();
  return { session, settings, router: new Router(window), setupToken };
}

/**
 * The token of the set-up link (behind `#`, where no server and no proxy sees it, or `?`) leaves the address at once, so
 * that it does not stay in the history or go along when the address is shared; a reload of this tab still has it.
 */
function takeSetupToken(storage: Storage): string | null {
  const [given] = [location.hash.slice(1), location.search].map((part) => new URLSearchParams(part).get("token")).filter(Boolean);
  if (!given || location.pathname !== "/setup") return storage.getItem(SetupKey);
  storage.setItem(SetupKey, given);
  history.replaceState(history.state, "", "/setup");
  return given;
}

const SetupKey = "united.setup";

/** With the next frame; a hidden page has no frames, so a timer has to do there. */
function soon(work: () => void): void {
  if (document.visibilityState === "visible") requestAnimationFrame(work);
  else setTimeout(work, 100);
}

function follow(session: Session): void {
  const chat = () => {
    const state = session.state.get();
    return state.at === "in" ? state.chat : null;
  };
  window.addEventListener("online", () => chat()?.connection.wake());
  window.addEventListener("offline", () => isHere || chat()?.connection.networkLost());
  window.addEventListener("pagehide", () => chat()?.reading.leave());
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") chat()?.connection.wake();
    else chat()?.reading.tell();
  });
  // All tabs of this browser share one session: another one has ended it, or put somebody else's in its place.
  window.addEventListener("storage", ({ key, newValue }) => {
    if (key === "united.session" && newValue === null) session.signedOutElsewhere();
    if (key === UserKey && newValue !== null) void session.signedInElsewhere(newValue);
  });
}

/** The chosen theme, or the system's as it changes. The first paint has it from `public/theme.js`. */
function dress(settings: Settings): void {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const apply = (): void => {
    const theme = settings.theme.get();
    document.documentElement.dataset["theme"] = theme === "system" ? (dark.matches ? "dark" : "light") : theme;
  };
  dark.addEventListener("change", apply);
  settings.theme.subscribe(apply);
  apply();
}
