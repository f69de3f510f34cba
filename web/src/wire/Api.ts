import { request, type HttpOptions, type Method } from "./Http";
import * as json from "./json";
import { isProblem } from "./problem";
import type {
  Conversation, Invitation, Invite, MessagePage, PresenceStatus, Reaction, RegistrationMode, ServerInfo, SyncAnswer, User,
} from "./shapes";
import type { Tokens } from "./Tokens";

export interface Registration {
  readonly username: string;
  readonly displayName: string;
  readonly password: string;
  readonly inviteCode?: string;
  readonly setupToken?: string;
}

export type PageRequest = { readonly before?: number } | { readonly after: number } | { readonly around: number };

/** The REST interface, call by call. */
export class Api {
  constructor(readonly tokens: Tokens) {}

  async server(): Promise<ServerInfo> {
    return json.serverOf(await request("GET", "/api/server"));
  }

  // Sessions

  register(account: Registration): Promise<User> {
    return this.enter("/api/auth/register", {
      username: account.username,
      display_name: account.displayName,
      password: account.password,
      ...(account.inviteCode ? { invite_code: account.inviteCode } : {}),
      ...(account.setupToken ? { setup_token: account.setupToken } : {}),
    });
  }

  logIn(username: string, password: string): Promise<User> {
    return this.enter("/api/auth/login", { username, password });
  }

  async logOut(): Promise<void> {
    await this.call("POST", "/api/auth/logout");
  }

  async me(): Promise<User> {
    return json.userOf((await this.call("GET", "/api/users/me")) as json.Json);
  }

  // People

  async users(cursor: string | null): Promise<{ readonly users: User[]; readonly next: string | null }> {
    const answer = await this.call("GET", `/api/users?limit=100${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`);
    return { users: json.items(answer, json.userOf), next: json.nextCursor(answer) };
  }

  async user(id: string): Promise<User> {
    return json.userOf((await this.call("GET", `/api/users/${id}`)) as json.Json);
  }

  async presence(): Promise<ReadonlyMap<string, PresenceStatus>> {
    const answer = await this.call("GET", "/api/presence");
    return new Map(json.items(answer, (item) => [String(item["user_id"]), json.presenceOf(item["status"])] as const));
  }

  // Channels and their messages

  async channels(): Promise<Conversation[]> {
    return json.items(await this.call("GET", "/api/channels"), json.conversationOf);
  }

  async createChannel(name: string, topic: string): Promise<Conversation> {
    const body = { name, topic };
    return json.conversationOf((await this.call("POST", "/api/channels", { body })) as json.Json);
  }

  async messages(channelId: string, page: PageRequest, limit: number): Promise<MessagePage> {
    const direction = "around" in page ? "around" : "after" in page ? "after" : "before";
    const at = "around" in page ? page.around : "after" in page ? page.after : page.before;
    const from = at === undefined ? "" : `&${direction}=${at}`;
    return json.pageOf(await this.call("GET", `/api/channels/${channelId}/messages?limit=${limit}${from}`), direction);
  }

  async edit(channelId: string, messageId: string, content: string): Promise<void> {
    await this.call("PUT", `/api/channels/${channelId}/messages/${messageId}`, { body: { content } });
  }

  async remove(channelId: string, messageId: string): Promise<void> {
    await this.call("DELETE", `/api/channels/${channelId}/messages/${messageId}`);
  }

  async react(messageId: string, emoji: string): Promise<Reaction[]> {
    return json.reactionsOf(await this.call("POST", `/api/messages/${messageId}/reactions`, { body: { emoji } }));
  }

  async takeBack(messageId: string, emoji: string): Promise<Reaction[]> {
    return json.reactionsOf(await this.call("DELETE", `/api/messages/${messageId}/reactions/${encodeURIComponent(emoji)}`));
  }

  async markRead(channelId: string, sequence: number): Promise<void> {
    await this.call("PUT", `/api/channels/${channelId}/last-read`, { body: { last_sequence: sequence }, keepalive: true });
  }

  async sync(revisions: ReadonlyMap<string, number>, partial: boolean, readSince: number | null): Promise<SyncAnswer> {
    const body = { conversations: Object.fromEntries(revisions), partial, ...(readSince === null ? {} : { receipts_since: readSince }) };
    return json.syncOf(await this.call("POST", "/api/sync", { body }));
  }

  // Running the server

  /** @param lifetime Seconds; null is for ever. @param maxUses null is without limit. */
  async createInvite(lifetime: number | null, maxUses: number | null): Promise<Invite> {
    const body = { expires_in: lifetime, max_uses: maxUses };
    return json.inviteOf((await this.call("POST", "/api/invites", { body })) as json.Json);
  }

  /** Who invites; refused as `not_found` where the code is no good. */
  async invitation(code: string): Promise<Invitation> {
    return json.invitationOf(await request("GET", `/api/invites/${encodeURIComponent(code)}`));
  }

  async changeServer(settings: { readonly name: string; readonly registration: RegistrationMode }): Promise<void> {
    await this.call("PATCH", "/api/server/settings", { body: settings });
  }

  private async enter(path: string, body: unknown): Promise<User> {
    const answer = json.tokensOf(await request("POST", path, { body, headers: this.tokens.wanted }));
    this.tokens.adopt(answer);
    return answer.user ?? this.me();
  }

  /** With the session's token; a token that is refused is refreshed and the call tried once more. */
  async call(method: Method, path: string, options: HttpOptions = {}): Promise<unknown> {
    const token = await this.tokens.current();
    try {
      return await request(method, path, bearing(token, options));
    } catch (error) {
      if (!isProblem(error) || error.status !== 401) throw error;
      this.tokens.spoil(token);
      return request(method, path, bearing(await this.tokens.current(), options));
    }
  }
}

const bearing = (token: string, options: HttpOptions): HttpOptions => ({
  ...options,
  headers: { ...options.headers, authorization: `Bearer ${token}` },
});
