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
