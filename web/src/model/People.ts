import type { LiveEvent, PresenceStatus, User } from "../wire/shapes";
import { Store } from "./Store";

export interface PeopleState {
  readonly users: ReadonlyMap<string, User>;
  readonly presence: ReadonlyMap<string, PresenceStatus>;
  readonly loading: "loading" | "ready" | "failed";
  /** There are more members than were loaded. */
  readonly more: boolean;
}

export interface PeopleHost {
  readonly users: (cursor: string | null) => Promise<{ readonly users: readonly User[]; readonly next: string | null }>;
  readonly user: (id: string) => Promise<User>;
  readonly presence: () => Promise<ReadonlyMap<string, PresenceStatus>>;
}

/** Members are listed up to this number of pages of a hundred; whoever is beyond is looked up when met. */
const MostPages = 10;

/** Who is here, and who of them is on line. */
export class People {
  readonly state = new Store<PeopleState>({ users: new Map(), presence: new Map(), loading: "loading", more: false });
  private readonly asked = new Set<string>();

  constructor(private readonly host: PeopleHost) {}

  async load(): Promise<void> {
    this.state.merge({ loading: "loading" });
    try {
      let cursor: string | null = null;
      for (let page = 0; page < MostPages && (page === 0 || cursor !== null); page++) {
        const answer = await this.host.users(cursor);
        this.know(answer.users);
        cursor = answer.next;
      }
      this.state.merge({ loading: "ready", more: cursor !== null });
      await this.refreshPresence();
    } catch {
      this.state.merge({ loading: "failed" });
    }
  }

  /** The whole snapshot: pushed changes are missed while the connection is away. */
  async refreshPresence(): Promise<void> {
    this.state.merge({ presence: await this.host.presence() });
  }

  know(users: readonly User[]): void {
    this.state.merge({ users: new Map([...this.state.get().users, ...users.map((user) => [user.id, user] as const)]) });
  }

  happened(event: LiveEvent): void {
    if (event.kind === "presence") {
      this.state.merge({ presence: new Map(this.state.get().presence).set(event.userId, event.status) });
      this.meet(event.userId);
    } else if (event.kind === "member" && event.present) this.meet(event.userId);
    else if (event.kind === "message") this.meet(event.message.senderId);
  }

  /** Looks somebody up who is not known yet; once, since an id that leads nowhere would be asked for ever. */
  private meet(id: string): void {
    if (id === "" || this.state.get().users.has(id) || this.asked.has(id)) return;
    this.asked.add(id);
    this.host.user(id).then((user) => this.know([user]), () => undefined);
  }
}
