import { isProblem } from "../wire/problem";
import type { Closed, Hello, LinkHandlers, ProtoSocket } from "../wire/ProtoSocket";
import type { LiveEvent } from "../wire/shapes";
import { Store } from "./Store";

export type Phase =
  /** Getting a token, dialling, signing in. */
  | "connecting"
  /** On line, asking for what was missed. */
  | "syncing"
  | "live"
  /** Until the next attempt. */
  | "waiting"
  /** The browser says that there is no network. It may be wrong, so a try is made now and then. */
  | "offline"
  /** The session is over: no more attempts. */
  | "ended";

export type Link = Pick<ProtoSocket, "post" | "markRead" | "setPresence" | "typing" | "ping" | "close">;

export interface ConnectionHost {
  readonly token: () => Promise<string>;
  /** The server has refused this token. */
  readonly spoil: (token: string) => void;
  readonly dial: (token: string, handlers: LinkHandlers) => Link;
  /** Asks for what was missed. Only then is the connection live. */
  readonly resume: (hello: Hello) => Promise<void>;
  readonly happened: (event: LiveEvent) => void;
  readonly online: () => boolean;
}

const Delays = [1_000, 2_000, 4_000, 8_000, 15_000];
const OfflineDelay = 15_000;
const Watch = 10_000;
/** A timer that comes this late means that the machine slept: the line may look alive and be dead. */
const Slept = 45_000;

/** Decides when to dial: the one machine that owns the connection and its repetition. */
export class Connection {
  readonly state = new Store<Phase>("connecting");
  private link: Link | null = null;
  private attempt = 0;
  /** Counts the dials: whatever an older one still reports is not heard. */
  private dial = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private watch: ReturnType<typeof setInterval> | undefined;

  constructor(private readonly host: ConnectionHost) {}

  /** The link while it is live: before that nothing may be sent. */
  get live(): Link | null {
    return this.state.get() === "live" ? this.link : null;
  }

  start(): void {
    let last = Date.now();
    this.watch = setInterval(() => {
      const slept = Date.now() - last > Slept;
      last = Date.now();
      if (slept && this.link !== null) this.link.close();
    }, Watch);
    void this.connect();
  }

  stop(): void {
    clearInterval(this.watch);
    this.leave("ended");
  }

  /** The network is back, or somebody looks at the page again: no reason to wait any longer. */
  wake(): void {
    const phase = this.state.get();
    if (phase === "live") this.link?.ping();
    else if (phase === "waiting" || phase === "offline") void this.connect();
  }

  networkLost(): void {
    if (this.state.get() !== "ended") this.rest("offline", OfflineDelay);
  }

  private async connect(): Promise<void> {
    const dial = this.leave("connecting");
    try {
      const token = await this.host.token();
      if (dial !== this.dial) return;
      this.link = this.host.dial(token, {
        opened: (hello) => dial === this.dial && void this.resume(dial, hello),
        happened: (event) => dial === this.dial && this.host.happened(event),
        closed: (why) => dial === this.dial && this.closed(token, why),
      });
    } catch (error) {
      if (dial !== this.dial) return;
      if (isProblem(error, "session_ended")) this.stop();
      else this.wait();
    }
  }

  private async resume(dial: number, hello: Hello): Promise<void> {
    this.state.set("syncing");
    try {
      await this.host.resume(hello);
      if (dial !== this.dial) return;
      this.attempt = 0;
      this.state.set("live");
    } catch {
      if (dial === this.dial) this.wait();
    }
  }

  private closed(token: string, why: Closed): void {
    this.link = null;
    if (why.kind === "ended") return this.stop();
    // Whether the session is over or only the token, the refresh before the next dial will tell.
    if (why.kind === "unauthorized") this.host.spoil(token);
    this.wait();
  }

  private wait(): void {
    if (!this.host.online()) return this.rest("offline", OfflineDelay);
    this.rest("waiting", Delays[Math.min(this.attempt++, Delays.length - 1)] ?? 0);
  }

  private rest(phase: "waiting" | "offline", delay: number): void {
    this.leave(phase);
    // Spread, so that a restarted server does not see everybody in the same instant.
    this.timer = setTimeout(() => void this.connect(), delay * (0.7 + Math.random() * 0.6));
  }

  /** Gives up whatever was under way. */
  private leave(phase: Phase): number {
    clearTimeout(this.timer);
    const dial = ++this.dial;
    const link = this.link;
    this.link = null;
    link?.close();
    this.state.set(phase);
    return dial;
  }
}
