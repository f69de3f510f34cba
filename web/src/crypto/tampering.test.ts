// @vitest-environment node
import { describe, expect, it, vi } from "vitest";
import { type Bytes, hexOf, randomBytes, utf8 } from "./bytes";
import { identityOf, publicOf } from "./curve";
import { type Envelope, openAsRecipient, openAsSender, seal } from "./dm1";
import { flipped, valueOf } from "./testing";

// Three curve operations for each of three thousand openings would take half a minute: the same question is answered once.
vi.mock("./hpke", async (original) => {
  const hpke = await original<typeof import("./hpke")>();
  const answers = new Map<string, string | null>();
  const decapsulate = (...given: Parameters<typeof hpke.decapsulate>): Bytes | null => {
    const question = given.map(hexOf).join(" ");
    if (!answers.has(question)) {
      const answer = hpke.decapsulate(...given);
      answers.set(question, answer && hexOf(answer));
    }
    const answer = answers.get(question) ?? null;
    return answer === null ? null : Uint8Array.from(answer.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  };
  return { ...hpke, decapsulate };
});

const [seed, self, secret] = [randomBytes(32), randomBytes(32), randomBytes(32)];
const from = { conversationId: "0b8f2a4e-7c1d-4f3a-9e55-1d2c3b4a5f60", sender: identityOf(seed), recipient: identityOf(randomBytes(32)) };
const to = { conversationId: from.conversationId, seed, recipient: from.recipient, recipientKey: publicOf(secret), selfKey: self };

const byRecipient = (envelope: Envelope): boolean => openAsRecipient(envelope, from, secret).ok;
const bySender = (envelope: Envelope): boolean => openAsSender(envelope, from, self).ok;
const bitsOf = (start: number, end: number): number[] => Array.from({ length: 8 * (end - start) }, (_, i) => 8 * start + i);

describe("one bit changed", () => {
  const sealed = valueOf(seal(utf8("hello"), to));
  const withBit = (bit: number): Envelope => ({ ...sealed, payload: flipped(sealed.payload, bit) });
  const [slotsAt, selfAt, bodyAt, end] = [44, 92, 140, 412];

  it("anywhere in a payload is noticed by its recipient", { timeout: 60_000 }, () => {
    const unnoticed = [...bitsOf(0, selfAt), ...bitsOf(bodyAt, end)].filter((bit) => byRecipient(withBit(bit)));
    expect(unnoticed).toEqual([]);
    expect(byRecipient(sealed)).toBe(true);
  });

  it("anywhere in a payload is noticed by its author's other devices", { timeout: 60_000 }, () => {
    const unnoticed = [...bitsOf(0, slotsAt), ...bitsOf(selfAt, end)].filter((bit) => bySender(withBit(bit)));
    expect(unnoticed).toEqual([]);
    expect(bySender(sealed)).toBe(true);
  });

  it("in the nonce or the ephemeral key is noticed", { timeout: 60_000 }, () => {
    for (const reader of [byRecipient, bySender]) {
      expect(bitsOf(0, 24).filter((bit) => reader({ ...sealed, nonce: flipped(sealed.nonce, bit) }))).toEqual([]);
      expect(bitsOf(0, 32).filter((bit) => reader({ ...sealed, ephemeral: flipped(sealed.ephemeral, bit) }))).toEqual([]);
    }
  });
});
