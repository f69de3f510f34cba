import type { Pending } from "../../model/Outbox";
import type { Message } from "../../wire/shapes";

interface RowBase {
  /** For life: a message that I sent keeps the key it had while it was pending. */
  readonly key: string;
  /** The number of a message; those under way come after all numbers. */
  readonly order: number;
  readonly senderId: string;
  readonly at: number;
  /** Shows author and time; the rows of the same author right after it do not. */
  readonly head: boolean;
  /** The first of its day. */
  readonly day: boolean;
  /** The first that I have not read. */
  readonly fresh: boolean;
}

export type Row =
  | (RowBase & { readonly kind: "message"; readonly message: Message })
  | (RowBase & { readonly kind: "pending"; readonly item: Pending });

const GroupedWithin = 5 * 60_000;

/** What is drawn of a conversation, in order. `readUpTo` is where the line "new" goes, or null for no line. */
export function rowsOf(messages: readonly Message[], pending: readonly Pending[], me: string, readUpTo: number | null): Row[] {
  const rows: Row[] = [];
  let before: Row | undefined;
  let lined = readUpTo === null;
  for (const message of messages) {
    const fresh = !lined && message.sequence > (readUpTo ?? 0) && message.senderId !== me;
    lined ||= fresh;
    const mine = message.senderId === me && message.clientId !== "";
    const { senderId, timestamp: at } = message;
    const alone = message.replyTo !== null || message.type === "system";
    before = { kind: "message", key: mine ? message.clientId : message.id, order: message.sequence, senderId, at, fresh, message, ...grouped(before, senderId, at, fresh || alone) };
    rows.push(before);
  }
  const standing = new Set(messages.filter(({ senderId }) => senderId === me).map(({ clientId }) => clientId));
  for (const item of pending) {
    if (standing.has(item.clientId)) continue;
    const at = item.createdAt;
    before = { kind: "pending", key: item.clientId, order: Infinity, senderId: me, at, fresh: false, item, ...grouped(before, me, at, item.replyTo !== null) };
    rows.push(before);
  }
  return rows;
}

function grouped(before: Row | undefined, senderId: string, at: number, apart: boolean): { readonly head: boolean; readonly day: boolean } {
  const day = before === undefined || !sameDay(before.at, at);
  const system = before?.kind === "message" && before.message.type === "system";
  const follows = before !== undefined && before.senderId === senderId && at - before.at <= GroupedWithin;
  return { day, head: day || apart || system || !follows };
}

export function sameDay(a: number, b: number): boolean {
  return new Date(a).toDateString() === new Date(b).toDateString();
}
