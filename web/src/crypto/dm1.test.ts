// @vitest-environment node
import { xchacha20poly1305 } from "@noble/ciphers/chacha.js";
import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { describe, expect, it } from "vitest";
import { hexOf, join, randomBytes, utf8 } from "./bytes";
import { agreementKeyOf, agreementSecretOf, identityOf, publicOf } from "./curve";
import { type Address, type Envelope, fresh, keyIdOf, openAsRecipient, openAsSender, read, seal } from "./dm1";
import { bytes, codeOf, valueOf } from "./testing";
import vectors from "./vectors/dm1.json";

// The secret of the vectors' rotated key, which they do not name: 32 bytes from 200 upwards.
const rotatedSecret = Uint8Array.from({ length: 32 }, (_, i) => 200 + i);

const alice = { seed: randomBytes(32), self: randomBytes(32) };
const bob = { seed: randomBytes(32), secret: randomBytes(32) };
const conversationId = "0b8f2a4e-7c1d-4f3a-9e55-1d2c3b4a5f60";
const toBob: Address = { conversationId, sender: identityOf(alice.seed), recipient: identityOf(bob.seed) };
const sealing = { conversationId, seed: alice.seed, recipient: toBob.recipient, recipientKey: publicOf(bob.secret), selfKey: alice.self };
const hello = (): Envelope => valueOf(seal(utf8("hello"), sealing));

describe("the known answers", () => {
  for (const vector of vectors) {
    const size = vector.plaintext.length / 2;
    const address = { conversationId: vector.conversation_id, sender: bytes(vector.ik_sender), recipient: bytes(vector.ik_recipient) };
    const selfKey = vector.self_key === null ? null : bytes(vector.self_key);
    const envelope = { payload: bytes(vector.encrypted_payload), nonce: bytes(vector.nonce), ephemeral: bytes(vector.ephemeral_pubkey) };

    it(`are sealed to the byte: ${vector.name}, ${size} bytes`, () => {
      expect(hexOf(identityOf(bytes(vector.seed_sender)))).toBe(vector.ik_sender);
      const random = { ephemeralSecret: bytes(vector.ek_secret), contentKey: bytes(vector.cek), nonce: bytes(vector.nonce) };
      const sealed = valueOf(seal(bytes(vector.plaintext), {
        conversationId: vector.conversation_id, seed: bytes(vector.seed_sender), recipient: address.recipient, recipientKey: bytes(vector.dk_recipient), selfKey,
      }, random));
      expect(hexOf(sealed.payload)).toBe(vector.encrypted_payload);
      expect(hexOf(sealed.ephemeral)).toBe(vector.ephemeral_pubkey);
      expect([...random.ephemeralSecret, ...random.contentKey].every((value) => value === 0)).toBe(true);
    });

    it(`are opened by whom they are for: ${vector.name}, ${size} bytes`, () => {
      const secret = vector.name.startsWith("rotated") ? rotatedSecret : agreementSecretOf(bytes(vector.seed_recipient));
      expect(hexOf(publicOf(secret))).toBe(vector.dk_recipient);
      expect(hexOf(valueOf(openAsRecipient(envelope, address, secret)))).toBe(vector.plaintext);
      if (selfKey === null) expect(codeOf(openAsSender(envelope, address, randomBytes(32)))).toBe("no_own_copy");
      else expect(hexOf(valueOf(openAsSender(envelope, address, selfKey)))).toBe(vector.plaintext);
    });
  }
});

describe("a payload", () => {
  it("is opened by recipient and sender, and says nothing of its exact length", () => {
    for (const length of [0, 1, 255, 256, 1024, 64 * 1024]) {
      const content = randomBytes(Math.min(length, 1000));
      const long = new Uint8Array(length).map((_, i) => content[i % content.length] ?? 0);
      const sealed = valueOf(seal(long, sealing));
      expect(openAsRecipient(sealed, toBob, bob.secret)).toEqual({ ok: true, value: long });
      expect(openAsSender(sealed, toBob, alice.self)).toEqual({ ok: true, value: long });
    }
    expect(hello().payload).toHaveLength(412);
    expect(valueOf(seal(new Uint8Array(255), sealing)).payload).toHaveLength(412);
    expect(codeOf(seal(new Uint8Array(64 * 1024 + 1), sealing))).toBe("too_long");
  });

  it("is refused cut short or with something added, wherever", () => {
    const { payload, ...rest } = hello();
    for (let length = 0; length < payload.length; length++) {
      expect(openAsSender({ ...rest, payload: payload.slice(0, length) }, toBob, alice.self).ok, `${length} bytes`).toBe(false);
      expect(openAsSender({ ...rest, payload: payload.slice(length) }, toBob, alice.self).ok && length > 0, `from ${length}`).toBe(false);
    }
    for (const extra of [1, 16, 48, 256]) expect(openAsSender({ ...rest, payload: join(payload, new Uint8Array(extra)) }, toBob, alice.self).ok).toBe(false);
    expect(codeOf(openAsRecipient({ ...rest, payload: payload.slice(0, 100) }, toBob, bob.secret))).toBe("malformed");
    expect(codeOf(openAsRecipient({ ...rest, payload: new Uint8Array(96 * 1024 + 1) }, toBob, bob.secret))).toBe("malformed");
  });

  it("of another conversation, author or reader is refused, and so is one's own sent back", () => {
    const sealed = hello();
    const mallory = identityOf(randomBytes(32));
    const others: Address[] = [
      { ...toBob, conversationId: "0b8f2a4e-7c1d-4f3a-9e55-1d2c3b4a5f61" },
      { ...toBob, conversationId: conversationId.toUpperCase() },
      { ...toBob, sender: mallory },
      { ...toBob, recipient: mallory },
      { ...toBob, sender: toBob.recipient, recipient: toBob.sender },
    ];
    for (const other of others) {
      expect(codeOf(openAsRecipient(sealed, other, bob.secret))).toBe("not_authentic");
      expect(codeOf(openAsSender(sealed, other, alice.self))).toBe("not_authentic");
    }
    const reflected = { conversationId, sender: toBob.recipient, recipient: toBob.sender };
    expect(codeOf(openAsRecipient(sealed, reflected, agreementSecretOf(alice.seed)))).toBe("not_authentic");
    expect(codeOf(openAsRecipient(sealed, toBob, randomBytes(32)))).toBe("not_authentic");
  });

  it("with its slots exchanged, or parts of another in it, is refused", () => {
    const [one, two] = [hello(), hello()];
    const swapped = join(one.payload.slice(0, 44), one.payload.slice(92, 140), one.payload.slice(44, 92), one.payload.slice(140));
    for (const payload of [swapped, ...mixed(one.payload, two.payload)]) {
      expect(openAsRecipient({ ...one, payload }, toBob, bob.secret).ok && openAsSender({ ...one, payload }, toBob, alice.self).ok).toBe(false);
    }
    expect(openAsRecipient({ ...one, nonce: two.nonce }, toBob, bob.secret).ok).toBe(false);
    expect(openAsRecipient({ ...one, ephemeral: two.ephemeral }, toBob, bob.secret).ok).toBe(false);
  });

  it("keeps its body though the recipient, who knows the content key, makes another for the sender's devices", () => {
    const contentKey = randomBytes(32);
    const random = { ...fresh(), contentKey: Uint8Array.from(contentKey) };
    const sealed = valueOf(seal(utf8("yes"), sealing, random));
    const parts = valueOf(read(sealed.payload));
    const info = join(utf8("\0\u0008chat.dm1"), parts.prefix, utf8(`\0$${conversationId}`), toBob.sender, toBob.recipient);
    const forged = forgedBody(info, sealed, contentKey, "no");
    const payload = join(parts.prefix, forged.commitment, parts.recipientSlot, parts.selfSlot ?? randomBytes(0), forged.body);
    expect(codeOf(openAsSender({ ...sealed, payload }, toBob, alice.self))).toBe("not_authentic");
    // The same forgery with the true text reproduces the payload: it is well made, and fails for its body alone.
    expect(forgedBody(info, sealed, contentKey, "yes").body).toEqual(parts.body);
  });

  it("of a later version is named so, and unknown flags are refused", () => {
    const sealed = hello();
    const opened = (at: number, value: number) => codeOf(openAsRecipient({ ...sealed, payload: sealed.payload.map((old, i) => (i === at ? value : old)) }, toBob, bob.secret));
    expect([opened(0, 2), opened(0, 0), opened(1, 0x12)]).toEqual(["unknown_version", "unknown_version", "unknown_version"]);
    expect([opened(2, 3), opened(2, 0), opened(3, 1), opened(3, 3)]).toEqual(["malformed", "malformed", "malformed", "malformed"]);
    expect(codeOf(openAsRecipient({ ...sealed, nonce: randomBytes(23) }, toBob, bob.secret))).toBe("malformed");
    expect(codeOf(openAsRecipient({ ...sealed, ephemeral: randomBytes(33) }, toBob, bob.secret))).toBe("malformed");
  });

  it("is never made for, or accepted with, a key that gives no secrecy", () => {
    for (const weak of [new Uint8Array(32), Uint8Array.of(1, ...new Uint8Array(31)), new Uint8Array(32).fill(255)]) {
      expect(codeOf(seal(utf8("x"), { ...sealing, recipientKey: weak }))).toBe("bad_key");
      expect(codeOf(seal(utf8("x"), { ...sealing, recipient: weak }))).toBe("bad_key");
      expect(codeOf(openAsRecipient({ ...hello(), ephemeral: weak }, toBob, bob.secret))).toBe("weak_key");
      expect(codeOf(openAsRecipient(hello(), { ...toBob, sender: weak }, bob.secret))).toBe("bad_key");
    }
  });

  it("names the key that it is for", () => {
    expect(valueOf(read(hello().payload)).keyId).toEqual(keyIdOf(publicOf(bob.secret)));
    expect(hexOf(keyIdOf(agreementKeyOf(bytes(vectors[0]?.ik_recipient ?? ""))))).toBe(vectors[0]?.encrypted_payload.slice(8, 24));
  });
});

function mixed(one: Uint8Array, two: Uint8Array): Uint8Array[] {
  const cuts = [12, 44, 92, 140, one.length];
  return cuts.slice(1).map((end, part) => join(one.slice(0, cuts[part] ?? 0), two.slice(cuts[part] ?? 0, end), one.slice(end)));
}

function forgedBody(info: Uint8Array, { nonce, ephemeral }: Envelope, contentKey: Uint8Array, text: string): { body: Uint8Array; commitment: Uint8Array } {
  const keys = hkdf(sha256, contentKey, sha256(join(info, ephemeral, nonce)), utf8("chat.dm1.body"), 64);
  const padded = new Uint8Array(256);
  padded.set(utf8(`${text}`));
  padded[text.length] = 0x80;
  return { body: xchacha20poly1305(keys.slice(0, 32), nonce, join(info, ephemeral)).encrypt(padded), commitment: keys.slice(32) };
}
