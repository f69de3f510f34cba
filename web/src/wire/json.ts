import type {
  Conversation, ConversationChanges, ConversationKind, Invitation, Invite, Message, MessagePage, MessageType,
  PresenceStatus, Reaction, RegistrationMode, ReplyPreview, Role, ServerInfo, SyncAnswer, User,
} from "./shapes";

/**
 * REST speaks snake_case; here it becomes the model's shapes. Unknown fields are ignored and absent ones get
 * their neutral value, so that a newer or older server of the same major version can be read.
 */
export type Json = { readonly [name: string]: unknown };

const text = (value: unknown): string => (typeof value === "string" ? value : "");
const count = (value: unknown): number => (typeof value === "number" ? value : 0);
const countOrNull = (value: unknown): number | null => (typeof value === "number" ? value : null);
const object = (value: unknown): Json => (value !== null && typeof value === "object" ? (value as Json) : {});
const objects = (value: unknown): Json[] => (Array.isArray(value) ? value.map(object) : []);
const texts = (value: unknown): string[] => (Array.isArray(value) ? value.filter((item) => typeof item === "string") : []);

export const items = <T>(answer: unknown, shape: (json: Json) => T): T[] => objects(object(answer)["items"]).map(shape);
export const nextCursor = (answer: unknown): string | null => text(object(answer)["next"]) || null;

export const messageOf = (json: Json): Message => ({
  id: text(json["id"]),
  conversationId: text(json["channel_id"]) || text(json["conversation_id"]),
  senderId: text(json["sender_id"]),
  senderName: text(json["sender_display_name"]),
  type: (text(json["type"]) || "text") as MessageType,
  content: text(json["content"]),
  timestamp: count(json["timestamp"]),
  sequence: count(json["server_sequence"]),
  revision: count(json["revision"]),
  clientId: text(json["client_id"]),
  replyTo: json["reply_to"] ? replyOf(object(json["reply_to"])) : null,
  mentionUserIds: texts(json["mention_user_ids"]),
  mentionRoleIds: texts(json["mention_role_ids"]),
  mentionEveryone: json["mention_everyone"] === true,
  editedAt: json["edited"] === true ? count(json["edit_timestamp"]) : null,
  deleted: json["deleted"] === true,
  reactions: reactionsOf(json["reactions"]),
});

const replyOf = (json: Json): ReplyPreview => ({
  id: text(json["id"]),
  sequence: count(json["server_sequence"]),
  senderId: text(json["sender_id"]),
  excerpt: text(json["excerpt"]),
  deleted: json["deleted"] === true,
});

export const reactionsOf = (json: unknown): Reaction[] =>
  objects(json).map((reaction) => ({ emoji: text(reaction["emoji"]), userIds: texts(reaction["user_ids"]) }));

export const conversationOf = (json: Json): Conversation => ({
  id: text(json["id"]),
  kind: (text(json["kind"]) || "channel") as ConversationKind,
  name: text(json["name"]),
  topic: text(json["topic"]),
  category: text(json["category"]),
  position: count(json["position"]),
  private: json["private"] === true,
  readOnly: json["read_only"] === true,
  lastSequence: count(json["last_sequence"]),
  revision: count(json["revision"]),
  lastRead: count(json["last_read"]),
  unread: count(json["unread_count"]),
  mentions: count(json["mention_count"]),
});

/** `direction` says what `has_more` speaks of where the answer has no `has_before` and `has_after` of its own. */
export function pageOf(answer: unknown, direction: "before" | "after" | "around"): MessagePage {
  const json = object(answer);
  const more = json["has_more"] === true;
  return {
    messages: objects(json["messages"]).map(messageOf),
    hasBefore: direction === "before" ? more : direction === "around" ? json["has_before"] === true : true,
    hasAfter: direction === "after" ? more : direction === "around" ? json["has_after"] === true : false,
  };
}

export function syncOf(answer: unknown): SyncAnswer {
  const json = object(answer);
  return {
    changed: objects(json["changed"]).map(changesOf),
    added: objects(json["added"]).map(conversationOf),
    removed: texts(json["removed"]),
    logEpoch: text(json["log_epoch"]),
    serverTime: count(json["server_time"]),
    more: json["more"] === true,
  };
}

const changesOf = (json: Json): ConversationChanges => ({
  conversationId: text(json["conversation_id"]),
  revision: count(json["revision"]),
  lastSequence: count(json["last_sequence"]),
  unread: count(json["unread_count"]),
  mentions: count(json["mention_count"]),
  lastRead: count(json["last_read"]),
  conversation: json["conversation"] ? conversationOf(object(json["conversation"])) : null,
  messages: objects(json["messages"]).map(messageOf),
  truncated: json["truncated"] === true,
});

export const userOf = (json: Json): User => ({
  id: text(json["id"]),
  username: text(json["username"]),
  displayName: text(json["display_name"]),
  publicKey: text(json["public_key"]),
  role: (text(json["role"]) || "member") as Role,
  presence: presenceOf(json["presence"]),
  permissions: texts(json["permissions"]),
  roleIds: texts(json["role_ids"]),
  suspended: json["suspended"] === true,
});

export const presenceOf = (value: unknown): PresenceStatus => {
  const status = text(value) || text(object(value)["status"]);
  return status === "online" || status === "away" || status === "dnd" ? status : "offline";
};

export const serverOf = (answer: unknown): ServerInfo => {
  const json = object(answer);
  return {
    name: text(json["name"]) || "United",
    version: text(json["version"]),
    logEpoch: text(json["log_epoch"]),
    registration: (text(json["registration"]) || "closed") as RegistrationMode,
    setupNeeded: json["setup_needed"] === true,
  };
};

export const inviteOf = (json: Json): Invite => ({
  code: text(json["code"]),
  expiresAt: countOrNull(json["expires_at"]),
  maxUses: countOrNull(json["max_uses"]),
});

export const invitationOf = (answer: unknown): Invitation => ({ inviterName: text(object(answer)["inviter_name"]) });

export interface TokenAnswer {
  readonly accessToken: string;
  readonly refreshToken: string | null;
  readonly expiresIn: number;
  readonly user: User | null;
}

export function tokensOf(answer: unknown): TokenAnswer {
  const json = object(answer);
  return {
    accessToken: text(json["access_token"]),
    refreshToken: text(json["refresh_token"]) || null,
    expiresIn: count(json["expires_in"]),
    user: json["user"] ? userOf(object(json["user"])) : null,
  };
}
