// @vitest-environment node
import { create, toBinary } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { ConversationSchema, PlacedSchema } from "../wire/gen/dm_state_pb";
import { randomBytes } from "./bytes";
import { decode, encode } from "./record";

const conversation = create(ConversationSchema, {
  id: "c", userId: "bob", peer: randomBytes(32), sent: 3n, lastSent: randomBytes(32), lastSeenSequence: 2n ** 40n,
  devices: [{ mine: true, deviceId: randomBytes(8), highest: 3n }],
  placed: [true, false, true].map((mine, at) => create(PlacedSchema, { mine, messageId: randomBytes(16), hash: randomBytes(32), sequence: BigInt(at) * 2n ** 33n, at: 1_800_000_000_000n })),
});

describe("a conversation that is kept", () => {
  it("comes back as it was, also at an odd place in memory", () => {
    const record = encode(conversation);
    const shifted = new Uint8Array(record.length + 3);
    shifted.set(record, 3);
    expect(decode(record)).toEqual(conversation);
    expect(decode(shifted.subarray(3))).toEqual(conversation);
  });

  it("is read, too, as it was kept before there were rows", () => {
    expect(decode(toBinary(ConversationSchema, conversation))).toEqual(conversation);
  });

  it("takes 65 bytes for a message", () => {
    expect(encode(conversation).length - encode({ ...conversation, placed: [] }).length).toBe(3 * 65 + 3);
  });
});
