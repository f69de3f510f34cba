import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { type Conversation, ConversationSchema, type Placed } from "../wire/gen/dm_state_pb";
import type { Bytes } from "./bytes";

/**
 * A conversation as it is kept. All that came in it is read and written with each new message, so it stands in rows of one
 * length: thousands of protobuf messages would cost more than the encryption.
 *
 *   row = mine ‖ sequence u64 ‖ at u64 ‖ message_id(16) ‖ hash(32)
 */
const RowLength = 1 + 8 + 8 + 16 + 32;

export const encode = (conversation: Conversation): Bytes =>
  toBinary(ConversationSchema, { ...conversation, placed: [], rows: rowsOf(conversation.placed) }) as Bytes;

/** Takes over what was kept before there were rows. */
export function decode(record: Uint8Array): Conversation {
  const { placed, rows, ...rest } = fromBinary(ConversationSchema, record);
  return { ...rest, placed: [...placed, ...placedOf(rows)], rows: new Uint8Array(0) };
}

function rowsOf(placed: readonly Placed[]): Bytes {
  const rows = new Uint8Array(placed.length * RowLength);
  const view = new DataView(rows.buffer);
  placed.forEach(({ mine, sequence, at, messageId, hash }, place) => {
    const start = place * RowLength;
    view.setUint8(start, mine ? 1 : 0);
    view.setBigUint64(start + 1, sequence);
    view.setBigUint64(start + 9, at);
    rows.set(messageId, start + 17);
    rows.set(hash, start + 33);
  });
  return rows;
}

function placedOf(rows: Uint8Array): Placed[] {
  const view = new DataView(rows.buffer, rows.byteOffset, rows.length);
  return Array.from({ length: rows.length / RowLength }, (_, place) => {
    const start = place * RowLength;
    return {
      $typeName: "united.dm.state.Placed",
      mine: view.getUint8(start) === 1,
      sequence: view.getBigUint64(start + 1),
      at: view.getBigUint64(start + 9),
      messageId: rows.subarray(start + 17, start + 33),
      hash: rows.subarray(start + 33, start + RowLength),
    };
  });
}
