// A device of somebody, as an application with the real client keeps it: what it holds comes from a first load, from events by their revisions, and from
// sync. One that is switched on for the first time loads everything: what the two show has to be the same.
import { createRequire } from "node:module";
import { next, that } from "../../United.SocketIo.Tests/node/check.mjs";

const require = createRequire(new URL("../../United.SocketIo.Tests/node/package.json", import.meta.url));
const { io } = require("socket.io-client");

/** Somebody with a password, whose present token is used by whatever connects. */
export class Person {
  constructor(url, id, name, token) {
    Object.assign(this, { url, id, name, token });
  }

  static async register(url, name, invitation) {
    const body = { username: name, display_name: name, password: `${name} has a long secret`, invite_code: invitation };
    const made = await new Person(url).rest("POST", "/api/auth/register", body);
    return new Person(url, made.user.id, name, made.access_token);
  }

  async logIn() {
    this.token = (await this.rest("POST", "/api/auth/login", { username: this.name, password: `${this.name} has a long secret` })).access_token;
  }

  async rest(method, path, body) {
    const headers = { ...(this.token && { Authorization: `Bearer ${this.token}` }), ...(body && { "Content-Type": "application/json" }) };
    const answer = await fetch(this.url + path, { method, headers, body: body && JSON.stringify(body) });
    that(answer.status !== 500, `${method} ${path} is 500`);
    return answer.status === 204 ? {} : answer.json();
  }

  connect() {
    const auth = (give) => give({ token: this.token });
    const socket = io(this.url, { transports: ["websocket"], forceNew: true, reconnectionDelay: 20, reconnectionDelayMax: 50, auth });
    socket.ask = (event, payload) => socket.timeout(60_000).emitWithAck(event, payload);
    return socket;
  }
}

export class Device {
  conversations = new Map();
  breaks = { recovered: 0, anew: 0 };
  #since = 0;
  #syncing = Promise.resolve();

  constructor(person) {
    this.person = person;
    this.socket = person.connect();
    this.socket.onAny((event, payload) => this.#hear(event, payload));
  }

  static async on(person) {
    const device = new Device(person);
    await next(device.socket, "hello");
    await device.sync();
    return device;
  }

  /** Catches up; one after the other. */
  sync() {
    return (this.#syncing = this.#syncing.catch(() => {}).then(() => this.#catchUp()));
  }

  /** Everything that it holds, as text. */
  picture() {
    const lines = [];
    for (const [id, { name, members, messages, read, delivered }] of [...this.conversations].sort()) {
      lines.push(`${id} ${name}`);
      for (const [user, role] of [...members].sort()) {
        const told = user === this.person.id ? "" : ` read ${read.get(user) ?? 0} delivered ${delivered.get(user) ?? 0}`;
        lines.push(`  ${user} ${role}${told}`);
      }
      for (const [message, { content, edited, reactions }] of [...messages].sort()) lines.push(`  ${message} ${content} ${edited} ${[...reactions].sort()}`);
    }
    return lines.join("\n");
  }

  async #catchUp() {
    for (let more = true; more; ) {
      const conversations = Object.fromEntries([...this.conversations].map(([id, { revision }]) => [id, revision]));
      const answer = await this.socket.ask("sync", { conversations, receiptsSince: this.#since });
      that(!answer.error, answer.error);
      for (const id of answer.removed) this.conversations.delete(id);
      for (const added of answer.added) if (added.kind !== "channel") await this.#load(added);
      for (const changed of answer.changed) await this.#change(changed);
      for (const { conversationId, userId, kind, sequence } of answer.receipts) this.#moved(conversationId, kind, userId, sequence);
      [this.#since, more] = [answer.serverTime, answer.more];
    }
  }

  // What is loaded may be newer than the revision: the events of the time between say the same once more.
  async #load({ id, name, revision }) {
    const known = { name, revision, members: new Map(), messages: new Map(), read: new Map(), delivered: new Map() };
    for (let cursor = ""; cursor !== undefined; ) {
      const page = await this.person.rest("GET", `/api/conversations/${id}/members?limit=2${cursor}`);
      for (const member of page.items) {
        known.members.set(member.user_id, member.role);
        known.read.set(member.user_id, member.last_read_sequence);
        known.delivered.set(member.user_id, member.last_delivered_sequence);
      }
      cursor = page.next && `&cursor=${page.next}`;
    }
    for (let before; before !== 0; ) {
      const page = await this.socket.ask("message:history", { conversationId: id, limit: 100, ...(before && { before }) });
      for (const message of page.messages) keep(known, message);
      before = page.hasMore ? page.messages.at(-1).serverSequence : 0;
    }
    this.conversations.set(id, known);
  }

  async #change({ conversationId, revision, conversation, messages, members, truncated }) {
    const known = this.conversations.get(conversationId);
    if (!known || revision < known.revision) return;
    if (truncated) return this.#load(conversation);
    for (const message of messages) keep(known, message);
    for (const member of members) member.state === "member" ? known.members.set(member.userId, member.role) : known.members.delete(member.userId);
    Object.assign(known, { revision, ...(conversation && { name: conversation.name }) });
  }

  #hear(event, payload) {
    if (event === "hello" && this.#since) this.socket.recovered ? this.breaks.recovered++ : (this.breaks.anew++, this.sync().catch(() => {}));
    if (event === "conversation:removed") this.conversations.delete(payload.conversationId);
    if (event === "conversation:new" && payload.kind !== "channel") this.sync().catch(() => {});
    if (event === "message:read") this.#moved(payload.conversationId, "read", payload.readBy, payload.sequence);
    if (event === "message:delivered") this.#moved(payload.conversationId, "delivered", payload.userId, payload.sequence);
    const known = this.conversations.get(payload.conversationId ?? payload.id);
    if (!known || !(payload.revision > known.revision) || !(event in told)) return;
    if (payload.revision > known.revision + 1) return void this.sync().catch(() => {});
    told[event](known, payload);
    known.revision = payload.revision;
  }

  #moved(conversationId, kind, userId, sequence) {
    const marks = this.conversations.get(conversationId)?.[kind];
    marks?.set(userId, Math.max(marks.get(userId) ?? 0, sequence));
  }
}

/** What an event changes of a conversation. */
const told = {
  "message:new": (known, message) => keep(known, message),
  "message:edited": ({ messages }, { messageId, newContent }) => messages.has(messageId) && Object.assign(messages.get(messageId), { content: newContent, edited: true }),
  "message:deleted": ({ messages }, { messageId }) => messages.delete(messageId),
  "reaction:added": ({ messages }, { messageId, emoji, userId }) => messages.get(messageId)?.reactions.add(`${emoji} ${userId}`),
  "reaction:removed": ({ messages }, { messageId, emoji, userId }) => messages.get(messageId)?.reactions.delete(`${emoji} ${userId}`),
  "member:added": ({ members }, { userId, role }) => members.set(userId, role),
  "member:updated": ({ members }, { userId, role }) => members.set(userId, role),
  "member:removed": ({ members }, { userId }) => members.delete(userId),
  "conversation:updated": (known, { name }) => (known.name = name),
};

function keep({ messages }, { id, content, edited, deleted, reactions }) {
  if (deleted) messages.delete(id);
  else messages.set(id, { content, edited, reactions: new Set(reactions.flatMap(({ emoji, userIds }) => userIds.map((user) => `${emoji} ${user}`))) });
}
