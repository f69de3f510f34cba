import type { Api, Registration } from "../wire/Api";
import { isProblem } from "../wire/problem";
import type { ServerInfo, User } from "../wire/shapes";
import { Chat, type Platform } from "./Chat";
import { Store } from "./Store";

export type SessionState =
  | { readonly at: "starting" }
  /** The server did not answer: nothing can be said yet. */
  | { readonly at: "unreachable"; readonly error: unknown }
  | { readonly at: "out"; readonly ended: boolean }
  | { readonly at: "in"; readonly chat: Chat };

const TryAgain = 5_000;

/** Where the tabs of a browser see whose session it is. */
export const UserKey = "united.user";

/** Who uses this browser: from nobody through signing in to the end of the session. Owns the {@link Chat}. */
export class Session {
  readonly state = new Store<SessionState>({ at: "starting" });
  readonly server = new Store<ServerInfo | null>(null);

  private again: ReturnType<typeof setTimeout> | undefined;
  private starting: Promise<void> | null = null;

  constructor(
    readonly api: Api,
    private readonly platform: Platform,
  ) {}

  /** Once, and again by itself as long as the server does not answer. */
  async start(): Promise<void> {
    this.starting ??= this.startOnce().finally(() => (this.starting = null));
    await this.starting;
  }

  async logIn(username: string, password: string): Promise<void> {
    this.enter(await this.api.logIn(username, password));
  }

  async register(account: Registration): Promise<void> {
    this.enter(await this.api.register(account));
    await this.refreshServer();
  }

  /** The server's name or mode has changed. What is shown of it can wait for the next look. */
  async refreshServer(): Promise<void> {
    await this.api.server().then((server) => this.server.set(server), () => undefined);
  }

  /** Signs out here and, if it can be reached, on the server; what was kept on this device of the user goes. */
  async logOut(): Promise<void> {
    const state = this.state.get();
    if (state.at !== "in") return;
    state.chat.reading.leave();
    await this.api.logOut().catch(() => undefined);
    state.chat.outbox.clear();
    state.chat.drafts.clear();
    this.leave(false);
  }

  /** Somebody signed out in another tab of this browser. */
  signedOutElsewhere(): void {
    if (this.state.get().at === "in") this.leave(false);
  }

  /** Somebody signed in in another tab: what this one asks for from now on, it would ask for in their name. */
  async signedInElsewhere(userId: string): Promise<void> {
    const state = this.state.get();
    if (state.at !== "in" || state.chat.me.id === userId) return;
    // First, so that the end of this connection is not taken for that of the session.
    this.state.set({ at: "starting" });
    state.chat.stop();
    this.api.tokens.renew();
    await this.start();
  }

  private async startOnce(): Promise<void> {
    clearTimeout(this.again);
    try {
      this.server.set(await this.api.server());
      if (this.api.tokens.remembered) this.enter(await this.api.me());
      else this.state.set({ at: "out", ended: false });
    } catch (error) {
      if (isProblem(error, "session_ended")) return this.state.set({ at: "out", ended: true });
      this.state.set({ at: "unreachable", error });
      this.again = setTimeout(() => void this.start(), TryAgain);
    }
  }

  private enter(me: User): void {
    this.platform.storage.setItem(UserKey, me.id);
    const chat = new Chat(me, this.api, this.platform, () => this.leave(true));
    this.state.set({ at: "in", chat });
    chat.start();
  }

  /** Drafts and unsent messages stay for when the same user signs in again, if the server ended the session. */
  private leave(ended: boolean): void {
    const state = this.state.get();
    if (state.at !== "in") return;
    this.state.set({ at: "out", ended });
    this.api.tokens.forget();
    this.platform.storage.removeItem(UserKey);
    state.chat.stop();
  }
}
