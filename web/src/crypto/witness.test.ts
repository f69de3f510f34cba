// @vitest-environment node
import { CipherSuite, DhkemX25519HkdfSha256, ExportOnly, HkdfSha256 } from "@hpke/core";
import sodium from "libsodium-wrappers-sumo";
import { describe, expect, it } from "vitest";
import { type Bytes, hexOf, join, randomBytes } from "./bytes";
import { agreementKeyOf, agreementSecretOf, identityOf, publicOf, sign, verifies } from "./curve";
import { decapsulate, encapsulate, exportSecret } from "./hpke";
import { bytes } from "./testing";
import vectors from "./vectors/dm1.json";

const suite = new CipherSuite({ kem: new DhkemX25519HkdfSha256(), kdf: new HkdfSha256(), aead: new ExportOnly() });
const pair = (secret: Uint8Array): Promise<CryptoKey> => suite.kem.importKey("raw", Uint8Array.from(secret).buffer, false);
const open = (key: Uint8Array): Promise<CryptoKey> => suite.kem.importKey("raw", Uint8Array.from(key).buffer, true);
const exported = async (context: { export(label: ArrayBuffer, length: number): Promise<ArrayBuffer> }, label: Bytes): Promise<string> =>
  hexOf(new Uint8Array(await context.export(label.buffer, 32)));
const label = new TextEncoder().encode("chat.dm1.slot");

describe("RFC 9180, appendix A.7.3", () => {
  it("is what we make of its keys, on both sides", () => {
    const info = bytes("4f6465206f6e2061204772656369616e2055726e");
    const ephemeralSecret = bytes("83d3f217071bbf600ba6f081f6e4005d27b97c8001f55cb5ff6ea3bbea1d9295");
    const recipientSecret = bytes("ed88cda0e91ca5da64b6ad7fc34a10f096fa92f0b9ceff9d2c55124304ed8b4a");
    const senderSecret = bytes("c85f136e06d72d28314f0e34b10aadc8d297e9d71d45a5662c2b7c3b9f9f9405");
    const [ephemeral, recipient, sender] = [ephemeralSecret, recipientSecret, senderSecret].map(publicOf) as [Bytes, Bytes, Bytes];
    expect(hexOf(ephemeral)).toBe("5ac1671a55c5c3875a8afe74664aa8bc68830be9ded0c5f633cd96400e8b5c05");
    const ours = [encapsulate({ ephemeralSecret, ephemeral, senderSecret, sender, recipient }, info), decapsulate(ephemeral, sender, recipientSecret, info)];
    for (const exporter of ours) {
      expect(exporter && hexOf(exporter)).toBe("276d87e5cb0655c7d3dad95e76e6fc02746739eb9d968955ccf8a6346c97509e");
      const values = ["", "00", "54657374436f6e74657874"].map((context) => hexOf(exportSecret(exporter ?? randomBytes(0), bytes(context), 32)));
      expect(values).toEqual([
        "83c1bac00a45ed4cb6bd8a6007d2ce4ec501f55e485c5642bd01bf6b6d7d6f0a",
        "08a1d1ad2af3ef5bc40232a64f920650eb9b1034fac3892f729f7949621bf06e",
        "ff3b0e37a9954247fea53f251b799e2edd35aac7152c5795751a3da424feca73",
      ]);
    }
  });
});

describe("another implementation of RFC 9180", () => {
  it("takes what we encapsulate, and we take what it does", async () => {
    for (let round = 0; round < 5; round++) {
      const [sender, recipient, ephemeralSecret, info] = [randomBytes(32), randomBytes(32), randomBytes(32), randomBytes(77)];
      const keys = { ephemeralSecret, ephemeral: publicOf(ephemeralSecret), senderSecret: sender, sender: publicOf(sender), recipient: publicOf(recipient) };
      const ours = encapsulate(keys, info) ?? randomBytes(0);
      const theirs = await suite.createRecipientContext({
        recipientKey: await pair(recipient), senderPublicKey: await open(keys.sender), enc: keys.ephemeral.buffer, info: info.buffer,
      });
      expect(await exported(theirs, label)).toBe(hexOf(exportSecret(ours, label, 32)));

      const theirSender = await suite.createSenderContext({
        recipientPublicKey: await open(keys.recipient), senderKey: { privateKey: await pair(sender), publicKey: await open(keys.sender) }, info: info.buffer,
      });
      const opened = decapsulate(new Uint8Array(theirSender.enc), keys.sender, recipient, info) ?? randomBytes(0);
      expect(hexOf(exportSecret(opened, label, 32))).toBe(await exported(theirSender, label));
    }
  });

  it("makes the vectors' slot keys", async () => {
    for (const vector of vectors.filter(({ name }) => name.startsWith("derived"))) {
      const context = await suite.createRecipientContext({
        recipientKey: await pair(agreementSecretOf(bytes(vector.seed_recipient))),
        senderPublicKey: await open(agreementKeyOf(bytes(vector.ik_sender))),
        enc: bytes(vector.ephemeral_pubkey).buffer,
        info: bytes(vector.info).buffer,
      });
      expect(await exported(context, label)).toBe(vector.slot_key);
    }
  });
});

describe("libsodium", () => {
  it("opens the vectors' bodies", async () => {
    await sodium.ready;
    for (const vector of vectors) {
      const bodyAt = 2 * (12 + 32 + 48 * (vector.self_key === null ? 1 : 2));
      const aad = join(bytes(vector.info), bytes(vector.ephemeral_pubkey));
      const opened = sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(
        null, bytes(vector.encrypted_payload.slice(bodyAt)), aad, bytes(vector.nonce), bytes(vector.body_key),
      );
      expect(hexOf(opened)).toMatch(new RegExp(`^${vector.plaintext}80(00)*$`));
    }
  });

  it("makes the same keys and signatures of a seed", async () => {
    await sodium.ready;
    for (let round = 0; round < 20; round++) {
      const seed = randomBytes(32);
      const theirs = sodium.crypto_sign_seed_keypair(seed);
      expect(identityOf(seed)).toEqual(theirs.publicKey);
      expect(agreementKeyOf(theirs.publicKey)).toEqual(sodium.crypto_sign_ed25519_pk_to_curve25519(theirs.publicKey));
      expect(publicOf(agreementSecretOf(seed))).toEqual(agreementKeyOf(theirs.publicKey));
      expect(sign(seed, seed)).toEqual(sodium.crypto_sign_detached(seed, theirs.privateKey));
      expect(verifies(sign(seed, seed), seed, theirs.publicKey)).toBe(true);
    }
  });
});
