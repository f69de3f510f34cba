/**
 * What the model knows of the world, whatever wire it came by. Times are Unix milliseconds, sequences and
 * revisions are whole numbers that a JavaScript number holds exactly.
 */

export type MessageType = "text" | "media" | "voice" | "shared_post" | "system" | "encrypted";

export interface Reaction {
  readonly emoji: string;
  readonly userIds: readonly string[];
}

export interface ReplyPreview {
  readonly id: string;
  readonly sequence: number;
  readonly senderId: string;
  readonly excerpt: string;
  readonly deleted: boolean;
}

export interface Message {
  readonly id: string;
  readonly conversationId: string;
  readonly senderId: string;
  readonly senderName: string;
  readonly type: MessageType;
  readonly content: string;
  readonly timestamp: number;
  readonly sequence: number;
  readonly revision: number;
  readonly clientId: string;
  readonly replyTo: ReplyPreview | null;
  readonly mentionUserIds: readonly string[];
  readonly mentionRoleIds: readonly string[];
  readonly mentionEveryone: boolean;
  readonly editedAt: number | null;
  readonly deleted: boolean;
  readonly reactions: readonly Reaction[];
}

export type ConversationKind = "channel" | "group" | "direct" | "dm";

export interface Conversation {
  readonly id: string;
  readonly kind: ConversationKind;
  readonly name: string;
  readonly topic: string;
  readonly category: string;
  readonly position: number;
  readonly private: boolean;
  readonly readOnly: boolean;
  readonly lastSequence: number;
  readonly revision: number;
  readonly lastRead: number;
  readonly unread: number;
  readonly mentions: number;
}

export interface MessagePage {
  /** Newest first. */
  readonly messages: readonly Message[];
  readonly hasBefore: boolean;
  readonly hasAfter: boolean;
}

export interface ConversationChanges {
  readonly conversationId: string;
  readonly revision: number;
  readonly lastSequence: number;
  readonly unread: number;
  readonly mentions: number;
  readonly lastRead: number;
  readonly conversation: Conversation | null;
  readonly messages: readonly Message[];
  /** Too much has changed: what is loaded of it has to be dropped. */
  readonly truncated: boolean;
}

export interface SyncAnswer {
  readonly changed: readonly ConversationChanges[];
  readonly added: readonly Conversation[];
  readonly removed: readonly string[];
  readonly logEpoch: string;
  readonly serverTime: number;
  readonly more: boolean;
}

export type PresenceStatus = "online" | "away" | "dnd" | "offline";
export type Role = "owner" | "admin" | "member";

export interface User {
  readonly id: string;
  readonly username: string;
  readonly displayName: string;
  /** The identity key, lower-case hex; empty without one. */
  readonly publicKey: string;
  readonly role: Role;
  readonly presence: PresenceStatus;
  readonly permissions: readonly string[];
  readonly roleIds: readonly string[];
  readonly suspended: boolean;
}

export type RegistrationMode = "open" | "invite" | "closed";

export interface ServerInfo {
  readonly name: string;
  readonly version: string;
  readonly logEpoch: string;
  readonly registration: RegistrationMode;
  readonly setupNeeded: boolean;
}

export interface Invite {
  readonly code: string;
  readonly expiresAt: number | null;
  readonly maxUses: number | null;
}

export interface Invitation {
  readonly inviterName: string;
}

/** What the server pushes over the live connection: facts, in the past tense. */
export type LiveEvent =
  | { readonly kind: "message"; readonly message: Message }
  | {
      readonly kind: "edited";
      readonly conversationId: string;
      readonly messageId: string;
      readonly content: string;
      readonly editedAt: number;
      readonly mentionUserIds: readonly string[];
      readonly mentionRoleIds: readonly string[];
      readonly revision: number;
    }
  | {
      readonly kind: "deleted";
      readonly conversationId: string;
      readonly messageId: string;
      readonly sequence: number;
      readonly revision: number;
    }
  | {
      readonly kind: "reaction";
      readonly conversationId: string;
      readonly messageId: string;
      readonly emoji: string;
      readonly userId: string;
      readonly added: boolean;
      readonly revision: number;
    }
  | { readonly kind: "channel"; readonly change: "created" | "updated"; readonly channel: Conversation }
  | { readonly kind: "channel-removed"; readonly conversationId: string }
  | {
      readonly kind: "member";
      readonly conversationId: string;
      readonly userId: string;
      readonly displayName: string;
      readonly present: boolean;
      readonly revision: number;
    }
  | {
      readonly kind: "unread";
      readonly conversationId: string;
      readonly unread: number;
      readonly mentions: number;
      readonly lastRead: number;
    }
  /** An encrypted conversation has begun. */
  | { readonly kind: "talk"; readonly conversationId: string }
  /** Somebody receives encrypted messages with another key from now on. */
  | { readonly kind: "key"; readonly identity: string }
  | { readonly kind: "presence"; readonly userId: string; readonly status: PresenceStatus }
  | { readonly kind: "typing"; readonly conversationId: string; readonly userId: string; readonly displayName: string };
