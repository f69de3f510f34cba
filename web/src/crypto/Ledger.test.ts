// @vitest-environment node
import { describe, expect, it } from "vitest";
import { randomBytes, u64 } from "./bytes";
import { newConversation } from "./correspondence";
import { type Arrival, Ledger } from "./Ledger";
import { Day } from "./published";

const Now = 1_800_000_000_000;
const device = randomBytes(8);

/** A message with this counter, under that number; its hash and id follow from both author and counter. */
function arrival(counter: number, sequence = counter, deviceId = device): Arrival {
  const name = new Uint8Array([...deviceId, ...u64(counter)]);
  const hashOf = (of: number): Uint8Array => new Uint8Array([...deviceId, ...u64(of), ...new Uint8Array(16)]);
  const content = {
    messageId: name, deviceId, counter: BigInt(counter), prev: counter === 1 ? new Uint8Array(0) : hashOf(counter - 1), seen: new Uint8Array(0),
    sentAt: Now, body: { kind: "text", text: "" } as const,
  };
  return { mine: false, content, hash: hashOf(counter), sequence: BigInt(sequence) };
}

const start = (): { conversation: ReturnType<typeof newConversation>; judge: (one: Arrival, now?: number) => string } => {
  const conversation = newConversation("c", "bob", randomBytes(32));
  const judge = (one: Arrival, now = Now): string => {
    const verdict = new Ledger(conversation).judge(one, now);
    return [verdict.kind, ..."warnings" in verdict ? verdict.warnings : []].join(" ");
  };
  return { conversation, judge };
};

describe("the ledger of a conversation", () => {
  it("forgets single messages after 45 days, and calls what it shows of them again unverifiable", () => {
    const { conversation, judge } = start();
    expect([judge(arrival(1)), judge(arrival(2))]).toEqual(["shown", "shown"]);
    expect(judge(arrival(3), Now + 45 * Day)).toBe("shown");
    expect(judge(arrival(1), Now + 45 * Day)).toBe("again");
    expect(judge(arrival(4), Now + 45 * Day + 1)).toBe("shown");
    expect(conversation.placed).toHaveLength(2);
    expect(judge(arrival(1), Now + 46 * Day)).toBe("shown unverifiable");
    expect(judge(arrival(2, 100), Now + 46 * Day)).toBe("shown reordered");
  });

  it("holds 4,096 messages at most", () => {
    const conversation = newConversation("c", "bob", randomBytes(32));
    const ledger = new Ledger(conversation);
    for (let counter = 1; counter <= 4200; counter++) ledger.judge(arrival(counter), Now);
    expect([conversation.placed.length, conversation.forgottenSequence]).toEqual([4096, 104n]);
    expect(ledger.missing()).toEqual([]);
  });

  it("keeps the newest also where a history is read backwards", () => {
    const { conversation, judge } = start();
    const ledger = new Ledger(conversation);
    for (let counter = 4200; counter >= 1; counter--) expect(ledger.judge(arrival(counter), Now)).toEqual({ kind: "shown", warnings: [] });
    expect([conversation.placed.length, conversation.placed[0]?.sequence, ledger.missing()]).toEqual([4096, 105n, []]);
    expect(judge(arrival(4200))).toBe("again");
    expect(judge(arrival(4200, 4201))).toBe("duplicate");
    expect(judge(arrival(50))).toBe("shown unverifiable");
  });

  it("holds 256 holes of a device at most: what fills an older one is shown as unverifiable", () => {
    const { conversation, judge } = start();
    for (let counter = 2; counter <= 2 * 257; counter += 2) judge(arrival(counter));
    expect([conversation.devices[0]?.gaps.length, conversation.devices[0]?.floor]).toEqual([256, 1n]);
    expect(judge(arrival(1))).toBe("shown unverifiable");
    expect(judge(arrival(3))).toBe("shown");
  });

  it("holds 64 devices of an author at most, and lets the most silent one go", () => {
    const { conversation, judge } = start();
    const devices = Array.from({ length: 65 }, (_, i) => Uint8Array.of(0, 0, 0, 0, 0, 0, 1, i));
    devices.forEach((one, i) => judge(arrival(1, i + 1, one)));
    expect(conversation.devices).toHaveLength(64);
    expect(conversation.devices.some(({ deviceId }) => deviceId.join() === devices[0]?.join())).toBe(false);
  });

  it("makes one hole of a jump, however far", () => {
    const { conversation, judge } = start();
    expect(judge(arrival(1_000_000_000))).toBe("shown");
    expect(new Ledger(conversation).missing()).toEqual([expect.objectContaining({ from: 1, to: 999_999_999 })]);
    expect(judge(arrival(500))).toBe("shown");
    expect(new Ledger(conversation).missing().map(({ from, to }) => [from, to])).toEqual([[1, 499], [501, 999_999_999]]);
  });

  it("sees a counter that was used twice, and a chain that does not fit", () => {
    const { judge } = start();
    judge(arrival(1));
    judge(arrival(2));
    const twice = arrival(2, 3);
    expect(judge({ ...twice, hash: randomBytes(32), content: { ...twice.content, messageId: randomBytes(16) } })).toBe("shown reordered");
    const unchained = arrival(3, 4);
    expect(judge({ ...unchained, content: { ...unchained.content, prev: randomBytes(32) } })).toBe("shown reordered");
    expect(judge({ ...arrival(3, 4), hash: randomBytes(32) })).toBe("id_reused");
  });
});
