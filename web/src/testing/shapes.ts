import type { Conversation, Message, MessagePage, User } from "../wire/shapes";

/** Shapes for tests: everything neutral but what the test says. */
export const message = (sequence: number, part: Partial<Message> = {}): Message => ({
  id: `m${sequence}`,
  conversationId: "c",
  senderId: "ada",
  senderName: "Ada",
  type: "text",
  content: `message ${sequence}`,
  timestamp: 1_700_000_000_000 + sequence * 1_000,
  sequence,
  revision: sequence,
  clientId: "",
  replyTo: null,
  mentionUserIds: [],
  mentionRoleIds: [],
  mentionEveryone: false,
  editedAt: null,
  deleted: false,
  reactions: [],
  ...part,
});

export const page = (messages: readonly Message[], more: { before?: boolean; after?: boolean } = {}): MessagePage => ({
  messages,
  hasBefore: more.before ?? false,
  hasAfter: more.after ?? false,
});

export const conversation = (part: Partial<Conversation> = {}): Conversation => ({
  id: "c",
  kind: "channel",
  name: "general",
  topic: "",
  category: "",
  position: 0,
  private: false,
  readOnly: false,
  lastSequence: 0,
  revision: 0,
  lastRead: 0,
  unread: 0,
  mentions: 0,
  ...part,
});

export const user = (id: string, part: Partial<User> = {}): User => ({
  id,
  username: id,
  displayName: id,
  role: "member",
  presence: "offline",
  permissions: [],
  roleIds: [],
  suspended: false,
  publicKey: "",
  ...part,
});
