import { create } from "@bufbuild/protobuf";
import { sha256 } from "@noble/hashes/sha2.js";
import { type Account, type Conversation, ConversationSchema } from "../wire/gen/dm_state_pb";
import { equal, randomBytes, wipe } from "./bytes";
import { type Body, type Content, decodeContent, encodeContent } from "./content";
import { identityOf } from "./curve";
import { type Envelope, openAsRecipient, openAsSender, read, seal } from "./dm1";
import { Ledger, type Warning } from "./Ledger";
import { secretFor } from "./account";
import { ok, type Refusal, refuse, type Result } from "./refusal";

/** What is written to one person, and what comes back from the server: sealed and opened, numbered and judged. */

export interface Sealed extends Envelope {
  readonly messageId: Uint8Array;
  /** Unix milliseconds: the `timestamp` to send along. */
  readonly sentAt: number;
}

/** A message as the server hands it out. */
export interface Incoming extends Envelope {
  /** The server's number for it. */
  readonly sequence: number;
  /** The identity that the server names as its author. */
  readonly sender: Uint8Array;
  readonly timestamp: number;
}

export interface Shown {
  /** `again` is one that was shown before, at the same place. */
  readonly kind: "shown" | "again";
  readonly sequence: number;
  readonly mine: boolean;
  readonly messageId: Uint8Array;
  readonly deviceId: Uint8Array;
  readonly counter: bigint;
  readonly sentAt: number;
  /** An edit or a deletion may name a message that is not known here: it holds for messages of the same author only. */
  readonly body: Body;
  readonly warnings: readonly Warning[];
}

export type Outcome =
  | Shown
  /** A repetition at another place: nothing to show. */
  | { readonly kind: "duplicate"; readonly sequence: number }
  /** Nothing that may be shown; the refusal says why and who can mend it. */
  | { readonly kind: "refused"; readonly sequence: number; readonly refusal: Refusal };

const ClockTolerance = 5 * 60 * 1000;

export const newConversation = (id: string, userId: string, peer: Uint8Array): Conversation => create(ConversationSchema, { id, userId, peer });

/** Seals a body as the next message of this device. The changed conversation has to be saved before the message leaves. */
export function write(account: Account, conversation: Conversation, recipientKey: Uint8Array, body: Body, now: number): Result<Sealed> {
  const content: Content = {
    messageId: randomBytes(16), deviceId: account.deviceId, counter: conversation.sent + 1n,
    prev: conversation.lastSent, seen: conversation.lastSeen, sentAt: now, body,
  };
  const to = { conversationId: conversation.id, seed: account.seed, recipient: conversation.peer, recipientKey, selfKey: account.selfKey };
  const sealed = seal(encodeContent(content), to);
  if (!sealed.ok) return sealed;
  const hash = sha256(sealed.value.payload);
  Object.assign(conversation, { sent: content.counter, sentBefore: conversation.lastSent, lastSent: hash });
  new Ledger(conversation).sent(content.messageId, hash, now);
  return ok({ ...sealed.value, messageId: content.messageId, sentAt: now });
}

/** The server has refused the newest message for good: its number is given back, or the other side would miss it for ever. */
export function abandon(conversation: Conversation, messageId: Uint8Array): boolean {
  if (conversation.sent > 1n && conversation.sentBefore.length === 0) return false;
  if (!new Ledger(conversation).takeBack(messageId)) return false;
  Object.assign(conversation, { sent: conversation.sent - 1n, lastSent: conversation.sentBefore, sentBefore: new Uint8Array(0) });
  return true;
}

/** Opens what came, in the order of its numbers, and notes it in the conversation. */
export function readAll(account: Account, conversation: Conversation, arrived: readonly Incoming[], now: number): Outcome[] {
  const ledger = new Ledger(conversation);
  const identity = identityOf(account.seed);
  return arrived
    .toSorted((a, b) => a.sequence - b.sequence)
    .map((incoming) => {
      const mine = equal(incoming.sender, identity);
      const content = mine || equal(incoming.sender, conversation.peer) ? open(account, identity, conversation, incoming, mine) : refuse("not_a_participant");
      return content.ok ? judged(ledger, incoming, mine, content.value, now) : refused(incoming, content.refusal);
    });
}

function open(account: Account, identity: Uint8Array, { id, peer }: Conversation, incoming: Incoming, mine: boolean): Result<Content> {
  const plain = mine
    ? openAsSender(incoming, { conversationId: id, sender: identity, recipient: peer }, account.selfKey)
    : openWithKey(account, incoming, { conversationId: id, sender: peer, recipient: identity });
  return plain.ok ? decodeContent(plain.value) : plain;
}

function openWithKey(account: Account, incoming: Incoming, from: Parameters<typeof openAsRecipient>[1]): Result<Uint8Array> {
  const parts = read(incoming.payload);
  if (!parts.ok) return parts;
  const secret = secretFor(account, parts.value.keyId);
  if (!secret.ok) return secret;
  const plain = openAsRecipient(incoming, from, secret.value);
  wipe(secret.value);
  return plain;
}

function judged(ledger: Ledger, incoming: Incoming, mine: boolean, content: Content, now: number): Outcome {
  const { sequence, timestamp, payload } = incoming;
  const target = content.body.kind === "edit" || content.body.kind === "delete" ? ledger.authorOf(content.body.messageId) : null;
  const verdict = ledger.judge({ mine, content, hash: sha256(payload), sequence: BigInt(sequence) }, now);
  // Another payload with the same id: the server changed a part that is not for us, or the author's client is broken.
  if (verdict.kind === "id_reused") return refused(incoming, { code: "not_authentic" });
  if (verdict.kind === "duplicate") return { kind: verdict.kind, sequence };
  if (target !== null && target !== (mine ? "me" : "peer")) return refused(incoming, { code: "not_the_author" });
  const { messageId, deviceId, counter, sentAt, body } = content;
  const warnings: Warning[] = [...verdict.warnings, ...(Math.abs(timestamp - sentAt) > ClockTolerance ? (["clock"] as const) : [])];
  return { kind: verdict.kind, sequence, mine, messageId, deviceId, counter, sentAt, body, warnings };
}

const refused = ({ sequence }: Incoming, refusal: Refusal): Outcome => ({ kind: "refused", sequence, refusal });
