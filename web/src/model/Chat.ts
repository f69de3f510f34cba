import type { Api } from "../wire/Api";
import { isProblem, Problem } from "../wire/problem";
import { ProtoSocket, type Hello } from "../wire/ProtoSocket";
import type { LiveEvent, PresenceStatus, SyncAnswer, User } from "../wire/shapes";
import { Connection } from "./Connection";
import { Conversations } from "./Conversations";
import { Drafts } from "./Drafts";
import { Encrypted } from "./Encrypted";
import { Notices } from "./Notices";
import { Outbox } from "./Outbox";
import { People } from "./People";
import { Reactions } from "./Reactions";
import { Reading } from "./Reading";
import { Sealings } from "./Sealings";
import { Store } from "./Store";
import { Sync } from "./Sync";
import { withMentions } from "./text";
import { Typing } from "./Typing";
import { readerOf } from "./unread";

/** What of the surroundings the model needs. The browser's is in `app/start.ts`, the tests bring their own. */
export interface Platform {
  readonly storage: Storage;
  readonly socketUrl: string;
  readonly dial?: (url: string) => WebSocket;
  readonly online: () => boolean;
  readonly soon: (work: () => void) => void;
}

/** Everything of one signed-in user: the stores, and what connects them. Made at sign-in, stopped at its end. */
export class Chat {
  /** The list of conversations: loaded, being loaded, or not to be had. */
  readonly lists = new Store<"loading" | "ready" | "failed">("loading");
  readonly notices = new Notices();
  readonly conversations: Conversations;
  readonly people: People;
  readonly typing: Typing;
  readonly outbox: Outbox;
  readonly reactions: Reactions;
  readonly reading: Reading;
  readonly drafts: Drafts;
  readonly encrypted: Encrypted;
  readonly connection: Connection;
  private readonly sync: Sync;
  private epoch: string | null = null;
  private loading: Promise<void> | null = null;

  constructor(
    readonly me: User,
    private readonly api: Api,
    platform: Platform,
    private readonly ended: () => void,
  ) {
    const link = (): ReturnType<Link> => this.connection.live;
    this.conversations = new Conversations({
      reader: () => readerOf(me),
      load: (id, page, limit) => api.messages(id, page, limit),
      repair: (id, revision) => this.sync.repair(id, revision),
      resync: () => void this.sync.all().catch(() => undefined),
      advanced: (id, revision) => this.outbox.advanced(id, revision),
    });
    this.people = new People({ users: (cursor) => api.users(cursor), user: (id) => api.user(id), presence: () => api.presence() });
    this.people.know([me]);
    this.typing = new Typing(me.id, (id) => link()?.typing(id));
    this.outbox = new Outbox(me.id, { link, missing: (id) => this.missing(id) }, platform.storage);
    this.reactions = new Reactions(me.id, {
      react: (id, emoji) => api.react(id, emoji),
      takeBack: (id, emoji) => api.takeBack(id, emoji),
      failed: this.notices.failed,
    });
    this.reading = new Reading({
      link,
      read: (id, sequence) => this.conversations.read(id, sequence),
      told: (id) => this.conversations.recount(id),
      leave: (id, sequence) => void api.markRead(id, sequence).catch(() => undefined),
    });
    this.drafts = new Drafts(me.id, platform.storage);
    this.encrypted = new Encrypted({
      open: async (died) => (await import("../crypto/openAccount")).openAccount(api, me.id, died),
      sealings: new Sealings(me.id, platform.storage),
      me: () => api.me(),
      users: (anew) => this.members(anew),
      conversations: this.conversations.state,
      wait: (time) => new Promise((resolve) => setTimeout(resolve, time)),
    });
    this.sync = new Sync({
      ask: (revisions, partial, readSince) => api.sync(revisions, partial, readSince),
      revisions: () => this.conversations.revisions(),
      answered: (answer) => this.answered(answer),
      happened: (events) => this.happened(events),
      soon: platform.soon,
    });
    this.connection = new Connection({
      token: () => api.tokens.current(),
      spoil: (token) => api.tokens.spoil(token),
      dial: (token, handlers) => new ProtoSocket(platform.socketUrl, token, handlers, platform.dial),
      resume: (hello) => this.resume(hello),
      happened: (event) => this.sync.happened(event),
      online: platform.online,
    });
    this.connection.state.subscribe(() => this.phased());
  }

  start(): void {
    this.load().catch(() => undefined);
    this.connection.start();
  }

  stop(): void {
    this.connection.stop();
    this.sync.forget();
    this.typing.stop();
    this.outbox.stop();
    this.encrypted.stop();
  }

  /** The list of conversations, and beside it the members. */
  async load(): Promise<void> {
    this.loading ??= this.loadLists().finally(() => (this.loading = null));
    await this.loading;
  }

  send(conversationId: string, written: string, replyTo: Parameters<Outbox["send"]>[2]): void {
    this.outbox.send(conversationId, withMentions(written, this.people.state.get().users.values()), replyTo);
    this.typing.wrote(conversationId);
    this.drafts.set(conversationId, "");
  }

  async edit(conversationId: string, messageId: string, written: string): Promise<void> {
    await this.api.edit(conversationId, messageId, withMentions(written, this.people.state.get().users.values()));
  }

  async remove(conversationId: string, messageId: string): Promise<void> {
    await this.api.remove(conversationId, messageId).catch(this.notices.failed);
  }

  async setPresence(status: PresenceStatus): Promise<void> {
    await this.connection.live?.setPresence(status).catch(this.notices.failed);
  }

  async createChannel(name: string, topic: string): Promise<string> {
    const channel = await this.api.createChannel(name, topic);
    this.conversations.add(channel);
    return channel.id;
  }

  createInvite: Api["createInvite"] = (...terms) => this.api.createInvite(...terms);

  private async loadLists(): Promise<void> {
    this.lists.set("loading");
    try {
      this.conversations.reset(await this.api.channels());
      this.lists.set("ready");
      void this.people.load();
    } catch (error) {
      this.lists.set("failed");
      if (isProblem(error, "session_ended")) this.ended();
      throw error;
    }
  }

  private async members(anew: boolean): Promise<Iterable<User>> {
    if (anew || this.people.state.get().loading !== "ready") await this.people.load();
    if (this.people.state.get().loading === "failed") throw new Problem("network", 0);
    return this.people.state.get().users.values();
  }

  /** After every connect. Another epoch means that the server was restored: numbers may have been given out anew. */
  private async resume(hello: Hello): Promise<void> {
    const anew = this.epoch !== null && this.epoch !== hello.logEpoch;
    this.epoch = hello.logEpoch;
    await this.sync.all(async () => {
      if (anew || this.lists.get() !== "ready") await this.load();
    });
    await this.people.refreshPresence().catch(() => undefined);
  }

  private phased(): void {
    const phase = this.connection.state.get();
    if (phase === "live") {
      this.outbox.resume();
      this.reading.tell();
      void this.encrypted.look();
    } else if (phase === "waiting" || phase === "offline") this.sync.forget();
    else if (phase === "ended") this.ended();
  }

  private happened(events: readonly LiveEvent[]): void {
    this.conversations.happened(events);
    for (const event of events) {
      this.people.happened(event);
      this.typing.happened(event);
      this.encrypted.happened(event);
      if (event.kind === "message" && event.message.senderId === this.me.id) this.outbox.arrived(event.message.clientId);
    }
  }

  private answered(answer: SyncAnswer): void {
    this.conversations.synced(answer);
    const mine = answer.changed.flatMap(({ messages }) => messages).filter(({ senderId }) => senderId === this.me.id);
    for (const message of mine) this.outbox.arrived(message.clientId);
  }

  private missing(conversationId: string): void {
    const conversation = this.conversations.state.get().get(conversationId);
    if (conversation) this.sync.repair(conversationId, conversation.revision);
  }
}

type Link = () => Connection["live"];
