// @vitest-environment node
import { describe, expect, it } from "vitest";
import { randomBytes } from "./bytes";
import { agreementKeyOf, identityOf, publicOf } from "./curve";
import { acceptKey, Day, isExpired, signKey } from "./published";
import { codeOf, flipped, valueOf } from "./testing";

const seed = randomBytes(32);
const identity = identityOf(seed);
const key = publicOf(randomBytes(32));
const signed = signKey(seed, identity, key, 1000, 1000 + 7 * Day);

describe("a published key", () => {
  it("is taken if its owner signed it, or if it is their identity's own form", () => {
    expect(valueOf(acceptKey(identity, signed, 0))).toEqual({ key, createdAt: 1000, expiresAt: 1000 + 7 * Day });
    expect(valueOf(acceptKey(identity, { key: agreementKeyOf(identity) }, 0)).createdAt).toBe(0);
  });

  it("that the server put there is not", () => {
    const [seedOfServer, keyOfServer] = [randomBytes(32), publicOf(randomBytes(32))];
    const offers = [
      { key: keyOfServer },
      { ...signed, key: keyOfServer },
      signKey(seedOfServer, identityOf(seedOfServer), keyOfServer, 2000, 3000),
      signKey(seedOfServer, identity, keyOfServer, 2000, 3000),
      { key: agreementKeyOf(identityOf(seedOfServer)) },
    ];
    expect(offers.map((offer) => codeOf(acceptKey(identity, offer, 0)))).toEqual(offers.map(() => "key_unsigned"));
  });

  it("is not with anything about it changed", () => {
    const altered = [
      { ...signed, createdAt: 1001 }, { ...signed, expiresAt: signed.expiresAt + 1 }, { ...signed, keyId: flipped(signed.keyId, 3) },
      { ...signed, createdAt: 0 }, { ...signed, createdAt: 1000.5 }, { ...signed, expiresAt: 1000 }, { ...signed, signature: randomBytes(63) },
    ];
    expect(altered.map((offer) => codeOf(acceptKey(identity, offer, 0)))).toEqual(altered.map(() => "key_unsigned"));
    for (let bit = 0; bit < 512; bit += 5) expect(codeOf(acceptKey(identity, { ...signed, signature: flipped(signed.signature, bit) }, 0))).toBe("key_unsigned");
  });

  it("may not be older than one that was seen, nor the identity's own form after a signed one", () => {
    expect(codeOf(acceptKey(identity, signed, 1000))).toBe("accepted");
    expect(codeOf(acceptKey(identity, signed, 1001))).toBe("key_rollback");
    expect(codeOf(acceptKey(identity, { key: agreementKeyOf(identity) }, 1))).toBe("key_rollback");
  });

  it("of small order or not reduced is refused, even signed", () => {
    for (const weak of [new Uint8Array(32), new Uint8Array(32).fill(255)]) expect(codeOf(acceptKey(identity, signKey(seed, identity, weak, 1, 2), 0))).toBe("bad_key");
    expect(codeOf(acceptKey(new Uint8Array(32), signed, 0))).toBe("bad_key");
  });

  it("counts as left behind 30 days after it ran out", () => {
    expect([0, 30 * Day, 30 * Day + 1].map((later) => isExpired(signed, signed.expiresAt + later))).toEqual([false, false, true]);
  });
});
