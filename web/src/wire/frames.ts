import { ConversationKind, MemberState, MessageType, type ChatMessage, type Conversation as ConversationFrame, type Reaction as ReactionFrame } from "./gen/chat_pb";
import type { EncryptedDmMessage } from "./gen/dm_pb";
import { PresenceStatus as StatusFrame } from "./gen/presence_pb";
import { ChannelChange, type Envelope } from "./gen/ws_pb";
import type * as shapes from "./shapes";

/** Protobuf payloads become the model's shapes here, once. 64-bit numbers are times, sequences and revisions: all below 2^53. */
export type Payload = Envelope["payload"];

const KindNames: Readonly<Record<ConversationKind, shapes.ConversationKind>> = {
  [ConversationKind.UNSPECIFIED]: "channel",
  [ConversationKind.CHANNEL]: "channel",
  [ConversationKind.GROUP]: "group",
  [ConversationKind.DIRECT]: "direct",
  [ConversationKind.DM]: "dm",
};

const TypeNames: Readonly<Record<MessageType, shapes.MessageType>> = {
  [MessageType.TEXT]: "text",
  [MessageType.MEDIA]: "media",
  [MessageType.VOICE]: "voice",
  [MessageType.SHARED_POST]: "shared_post",
  [MessageType.SYSTEM]: "system",
  [MessageType.ENCRYPTED]: "encrypted",
};

const StatusNames: Readonly<Record<StatusFrame, shapes.PresenceStatus>> = {
  [StatusFrame.UNSPECIFIED]: "offline",
  [StatusFrame.ONLINE]: "online",
  [StatusFrame.AWAY]: "away",
  [StatusFrame.DND]: "dnd",
  [StatusFrame.OFFLINE]: "offline",
};

export const statusFrame: Readonly<Record<shapes.PresenceStatus, StatusFrame>> = {
  online: StatusFrame.ONLINE,
  away: StatusFrame.AWAY,
  dnd: StatusFrame.DND,
  offline: StatusFrame.OFFLINE,
};

export const messageOfFrame = (frame: ChatMessage): shapes.Message => ({
  id: frame.id,
  conversationId: frame.channelId,
  senderId: frame.senderId,
  senderName: frame.senderDisplayName,
  type: TypeNames[frame.type] ?? "system",
  content: frame.content,
  timestamp: Number(frame.timestamp),
  sequence: Number(frame.serverSequence),
  revision: Number(frame.revision),
  clientId: frame.clientId,
  replyTo: frame.replyTo
    ? {
        id: frame.replyTo.id,
        sequence: Number(frame.replyTo.serverSequence),
        senderId: frame.replyTo.senderId,
        excerpt: frame.replyTo.excerpt,
        deleted: frame.replyTo.deleted,
      }
    : null,
  mentionUserIds: frame.mentionUserIds,
  mentionRoleIds: frame.mentionRoleIds,
  mentionEveryone: frame.mentionEveryone,
  editedAt: frame.edited ? Number(frame.editTimestamp) : null,
  deleted: frame.deleted,
  reactions: gathered(frame.reactions),
});

/** One row per user and emoji on the wire; one entry per emoji, in the order of its first reaction, in the model. */
function gathered(frames: readonly ReactionFrame[]): shapes.Reaction[] {
  const byEmoji = new Map<string, string[]>();
  for (const { emoji, userId } of frames) byEmoji.set(emoji, [...(byEmoji.get(emoji) ?? []), userId]);
  return [...byEmoji].map(([emoji, userIds]) => ({ emoji, userIds }));
}

/** For the log a message like any other: a number, an author, a revision. Its bytes are read from the history, in their order. */
const messageOfSealed = (frame: EncryptedDmMessage): shapes.Message => ({
  id: frame.id,
  conversationId: frame.conversationId,
  senderId: frame.senderId,
  senderName: frame.senderDisplayName,
  type: "encrypted",
  content: "",
  timestamp: Number(frame.timestamp),
  sequence: Number(frame.serverSequence),
  revision: Number(frame.revision),
  clientId: frame.clientId,
  replyTo: null,
  mentionUserIds: [],
  mentionRoleIds: [],
  mentionEveryone: false,
  editedAt: null,
  deleted: frame.deleted,
  reactions: [],
});

const conversationOfFrame = (frame: ConversationFrame): shapes.Conversation => ({
  id: frame.id,
  kind: KindNames[frame.kind] ?? "channel",
  name: frame.name,
  topic: frame.topic,
  category: frame.category,
  position: frame.position,
  private: frame.private,
  readOnly: frame.readOnly,
  lastSequence: Number(frame.lastSequence),
  revision: Number(frame.revision),
  lastRead: Number(frame.lastRead),
  unread: frame.unreadCount,
  mentions: frame.mentionCount,
});

/** What a push tells, or null for what this client has no use for. */
export function eventOf(payload: Payload): shapes.LiveEvent | null {
  switch (payload.case) {
    case "newMessageEvent":
      return payload.value.message ? { kind: "message", message: messageOfFrame(payload.value.message) } : null;
    case "messageEditedEvent": {
      const edited = payload.value;
      return {
        kind: "edited",
        conversationId: edited.channelId,
        messageId: edited.messageId,
        content: edited.newContent,
        editedAt: Number(edited.editTimestamp),
        mentionUserIds: edited.mentionUserIds,
        mentionRoleIds: edited.mentionRoleIds,
        revision: Number(edited.revision),
      };
    }
    case "messageDeletedEvent": {
      const deleted = payload.value;
      return {
        kind: "deleted",
        conversationId: deleted.channelId,
        messageId: deleted.messageId,
        sequence: Number(deleted.serverSequence),
        revision: Number(deleted.revision),
      };
    }
    case "reactionAddedEvent":
      return payload.value.reaction ? reactionEvent(payload.value.reaction, true) : null;
    case "reactionRemovedEvent":
      return reactionEvent(payload.value, false);
    case "dmMessageEvent":
      return payload.value.message ? { kind: "message", message: messageOfSealed(payload.value.message) } : null;
    case "dmConversationCreatedEvent":
      return payload.value.conversation ? { kind: "talk", conversationId: payload.value.conversation.id } : null;
    case "dmKeyRotatedEvent":
      return { kind: "key", identity: payload.value.userPubkey };
    default:
      return peopleEventOf(payload);
  }
}

const reactionEvent = (
  frame: Pick<ReactionFrame, "channelId" | "messageId" | "emoji" | "userId" | "revision">,
  added: boolean,
): shapes.LiveEvent => ({
  kind: "reaction",
  conversationId: frame.channelId,
  messageId: frame.messageId,
  emoji: frame.emoji,
  userId: frame.userId,
  added,
  revision: Number(frame.revision),
});

function peopleEventOf(payload: Payload): shapes.LiveEvent | null {
  switch (payload.case) {
    case "channelChangedEvent": {
      const { change, channel } = payload.value;
      if (!channel) return null;
      if (change === ChannelChange.REMOVED) return { kind: "channel-removed", conversationId: channel.id };
      const created = change === ChannelChange.CREATED;
      return { kind: "channel", change: created ? "created" : "updated", channel: conversationOfFrame(channel) };
    }
    case "memberEvent": {
      const { conversationId, member } = payload.value;
      if (!member) return null;
      const { userId, displayName, state } = member;
      return { kind: "member", conversationId, userId, displayName, present: state === MemberState.MEMBER, revision: Number(member.revision) };
    }
    case "unreadEvent": {
      const { conversationId, unreadCount, mentionCount, lastRead } = payload.value;
      return { kind: "unread", conversationId, unread: unreadCount, mentions: mentionCount, lastRead: Number(lastRead) };
    }
    case "presenceUpdateEvent": {
      const { update } = payload.value;
      return update ? { kind: "presence", userId: update.userId, status: StatusNames[update.status] ?? "offline" } : null;
    }
    case "typingEvent": {
      const { indicator } = payload.value;
      if (!indicator) return null;
      return { kind: "typing", conversationId: indicator.channelId, userId: indicator.userId, displayName: indicator.displayName };
    }
    default:
      return null;
  }
}
