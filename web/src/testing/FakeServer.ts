import { create } from "@bufbuild/protobuf";
import { vi } from "vitest";
import { ChatMessageSchema, NewMessageEventSchema, ReactionAddedEventSchema, ReactionRemovedEventSchema, ReactionSchema, MessageEditedEventSchema, MessageDeletedEventSchema } from "../wire/gen/chat_pb";
import { OkSchema, SendMessageResultSchema, type Envelope } from "../wire/gen/ws_pb";
import type { Message } from "../wire/shapes";
import { FakeChannel } from "./FakeChannel";
import { FakeSocket } from "./FakeSocket";

type Payload = Envelope["payload"];
interface Refusal {
  readonly code: string;
  readonly status: number;
  readonly field?: string;
}

const Me = { id: "me", username: "ada", display_name: "Ada", role: "owner", permissions: [], role_ids: [] };
const Bob = { id: "bob", username: "bob", display_name: "Bob", role: "member", permissions: [], role_ids: [] };

/**
 * A server of one channel, spoken to over a stubbed `fetch` and {@link FakeSocket}: history, sync, sending, edits,
 * deletions and reactions are the real thing on {@link FakeChannel}; the rest answers as little as it takes.
 */
export class FakeServer {
  readonly channel = new FakeChannel({ id: "me", roleIds: [] }, "c");
  /** Refuses the calls to a path. */
  readonly refusals = new Map<string, Refusal>();
  readonly calls: string[] = [];
  info: Record<string, unknown> = { name: "Test", version: "1", log_epoch: "epoch", registration: "invite", setup_needed: false };
  users = [Me, Bob];
  /** Whose the tokens are. */
  signedIn = Me;
  readOnly = false;
  private told = 0;
  private answered = 0;

  install(): void {
    vi.stubGlobal("fetch", async (path: string, init: RequestInit) => this.fetch(path, init));
  }

  /** Sign-in of the newest connection, and whatever was asked meanwhile. */
  connect(): void {
    this.answered = 0;
    FakeSocket.last.welcome(String(this.info["log_epoch"]));
  }

  /** Answers what was asked over the socket, and pushes what has happened. */
  pump(): void {
    const { sent } = FakeSocket.last;
    for (; this.answered < sent.length; this.answered++) {
      const envelope = sent[this.answered];
      if (envelope && envelope.requestId !== "") this.answer(envelope);
    }
    for (; this.told < this.channel.events.length; this.told++) this.push(this.told);
  }

  /** What happened so far will not be pushed: it happened while nobody was connected. */
  missed(): void {
    this.told = this.channel.events.length;
  }

  private answer({ requestId, payload }: Envelope): void {
    const refusal = this.refusals.get(payload.case ?? "");
    if (refusal) return FakeSocket.last.refuse(requestId, refusal.status, refusal.code);
    if (payload.case !== "sendMessage") return FakeSocket.last.push({ case: "ok", value: create(OkSchema) }, requestId);
    const { content, clientId } = payload.value;
    const posted = this.channel.post("me", { content, clientId, senderName: "Ada" });
    const value = create(SendMessageResultSchema, {
      messageId: posted.id, serverSequence: BigInt(posted.sequence), revision: BigInt(posted.revision), clientId,
    });
    FakeSocket.last.push({ case: "sendMessageResult", value }, requestId);
  }

  private push(at: number): void {
    const event = this.channel.events[at];
    if (event) FakeSocket.last.push(frameOf(event));
  }

  private fetch(path: string, init: RequestInit): Response {
    const { pathname, searchParams } = new URL(path, "http://test");
    const method = init.method ?? "GET";
    this.calls.push(`${method} ${pathname}`);
    const refusal = this.refusals.get(pathname);
    if (refusal) return json({ code: refusal.code, field: refusal.field }, refusal.status);
    const body = typeof init.body === "string" ? (JSON.parse(init.body) as Record<string, unknown>) : {};
    const message = pathname.match(/^\/api\/channels\/c\/messages\/m(\d+)$/);
    if (message) return this.change(method, Number(message[1]), String(body["content"]));
    const reaction = pathname.match(/^\/api\/messages\/m(\d+)\/reactions/);
    if (reaction) return this.react(Number(reaction[1]), String(body["emoji"] ?? decodeURIComponent(pathname.split("/").at(-1) ?? "")));
    switch (`${method} ${pathname}`) {
      case "GET /api/server": return json(this.info);
      case "POST /api/auth/register":
      case "POST /api/auth/login": return json({ user: this.signedIn, access_token: "a", refresh_token: "r", expires_in: 600 });
      case "POST /api/auth/refresh": return json({ access_token: "a", refresh_token: "r", expires_in: 600 });
      case "GET /api/users/me": return json(this.signedIn);
      case "GET /api/users": return json({ items: this.users });
      case "GET /api/presence": return json({ items: [] });
      case "GET /api/channels": return json({ items: [this.listed()] });
      case "GET /api/channels/c/messages": return json(this.page(searchParams));
      case "POST /api/sync": return json(this.sync(body["conversations"] as Record<string, number>));
      case "GET /api/invites/code": return json({ server_name: "Test", inviter_name: "Bob", expires_at: null });
      case "POST /api/invites": return json({ code: "the-code" }, 201);
      default: return json({}, 200);
    }
  }

  private listed(): Record<string, unknown> {
    const { unread, mentions } = this.channel.counts();
    return {
      id: "c", kind: "channel", name: "general", read_only: this.readOnly, revision: this.channel.revision, last_sequence: this.channel.lastSequence,
      last_read: this.channel.lastRead, unread_count: unread, mention_count: mentions,
    };
  }

  private page(query: URLSearchParams): Record<string, unknown> {
    const at = (name: string): number => Number(query.get(name));
    const limit = at("limit");
    const request = query.has("after") ? { after: at("after") } : query.has("around") ? { around: at("around") } : query.has("before") ? { before: at("before") } : {};
    const { messages, hasBefore, hasAfter } = this.channel.page(request, limit);
    return { messages: messages.map(restOf), has_more: query.has("after") ? hasAfter : hasBefore, has_before: hasBefore, has_after: hasAfter };
  }

  private sync(revisions: Record<string, number>): Record<string, unknown> {
    const { changed } = this.channel.sync(revisions["c"] ?? 0, Infinity, null);
    return {
      changed: changed.map((one) => ({
        conversation_id: "c", revision: one.revision, last_sequence: one.lastSequence, unread_count: one.unread, mention_count: one.mentions,
        last_read: one.lastRead, messages: one.messages.map(restOf), truncated: false,
      })),
      added: [], removed: [], log_epoch: this.info["log_epoch"], server_time: 0, more: false,
    };
  }

  private change(method: string, sequence: number, content: string): Response {
    if (method === "PUT") this.channel.edit(sequence, content);
    else this.channel.remove(sequence);
    return method === "PUT" ? json({}) : new Response(null, { status: 204 });
  }

  private react(sequence: number, emoji: string): Response {
    this.channel.react(sequence, "me", emoji);
    return json([]);
  }
}

const json = (body: unknown, status = 200): Response =>
  new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json" } });

const restOf = (message: Message): Record<string, unknown> => ({
  id: message.id, channel_id: message.conversationId, sender_id: message.senderId, sender_display_name: message.senderName, type: message.type,
  content: message.content, timestamp: message.timestamp, server_sequence: message.sequence, revision: message.revision, client_id: message.clientId,
  edited: message.editedAt !== null, edit_timestamp: message.editedAt, deleted: message.deleted,
  reactions: message.reactions.map(({ emoji, userIds }) => ({ emoji, user_ids: userIds, count: userIds.length })),
});

function frameOf(event: FakeChannel["events"][number]): Payload {
  switch (event.kind) {
    case "message": {
      const { id, conversationId: channelId, senderId, senderName: senderDisplayName, content, clientId, timestamp, sequence, revision } = event.message;
      const shared = { id, channelId, senderId, senderDisplayName, content, clientId };
      const message = create(ChatMessageSchema, { ...shared, timestamp: BigInt(timestamp), serverSequence: BigInt(sequence), revision: BigInt(revision) });
      return { case: "newMessageEvent", value: create(NewMessageEventSchema, { message }) };
    }
    case "edited": {
      const { messageId, conversationId: channelId, content: newContent, editedAt, revision } = event;
      return { case: "messageEditedEvent", value: create(MessageEditedEventSchema, { messageId, channelId, newContent, editTimestamp: BigInt(editedAt), revision: BigInt(revision) }) };
    }
    case "deleted": {
      const { messageId, conversationId: channelId, sequence, revision } = event;
      return { case: "messageDeletedEvent", value: create(MessageDeletedEventSchema, { messageId, channelId, serverSequence: BigInt(sequence), revision: BigInt(revision) }) };
    }
    case "reaction": {
      const { messageId, conversationId: channelId, emoji, userId, revision } = event;
      const reaction = { messageId, channelId, emoji, userId, revision: BigInt(revision) };
      return event.added
        ? { case: "reactionAddedEvent", value: create(ReactionAddedEventSchema, { reaction: create(ReactionSchema, reaction) }) }
        : { case: "reactionRemovedEvent", value: create(ReactionRemovedEventSchema, reaction) };
    }
  }
}
