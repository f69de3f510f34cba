import type { Missing } from "../../crypto/Ledger";
import type { Entry } from "../../model/letters";
import type { Unsent } from "../../model/Talk";
import type { Pending } from "../../model/Outbox";
import type { Message } from "../../wire/shapes";

/** As the message list knows messages; what did not open has no words. */
export const messageOf = (entry: Entry, conversationId: string): Message => ({
  id: entry.id,
  conversationId,
  senderId: entry.senderId,
  senderName: entry.senderName,
  type: "encrypted",
  content: entry.kind === "text" ? entry.text : "",
  timestamp: entry.at,
  sequence: entry.sequence,
  revision: 0,
  clientId: entry.clientId,
  replyTo: null,
  mentionUserIds: [],
  mentionRoleIds: [],
  mentionEveryone: false,
  editedAt: entry.kind === "text" && entry.edited ? entry.at : null,
  deleted: false,
  reactions: [],
});

export const pendingOf = ({ clientId, text, createdAt, error }: Unsent, conversationId: string): Pending => ({
  clientId, conversationId, content: text, replyTo: null, createdAt, state: error === null ? "sending" : "failed", code: null, revision: 0,
});

/** The holes by the number of the message that they stand above: the first shown one after them. */
export function holesOf(missing: readonly Missing[], entries: readonly Entry[]): ReadonlyMap<number, readonly Missing[]> {
  const byNumber = new Map<number, Missing[]>();
  for (const hole of missing) {
    const below = entries.find(({ sequence }) => sequence >= hole.beforeSequence) ?? entries.at(-1);
    if (below !== undefined) byNumber.set(below.sequence, [...(byNumber.get(below.sequence) ?? []), hole]);
  }
  return byNumber;
}
