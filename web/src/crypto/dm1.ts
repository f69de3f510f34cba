import { xchacha20poly1305 } from "@noble/ciphers/chacha.js";
import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { type Bytes, equal, join, lp, randomBytes, utf8, wipe } from "./bytes";
import { agreementKeyOf, agreementSecretOf, identityOf, isSoundAgreementKey, isSoundIdentity, publicOf } from "./curve";
import { decapsulate, encapsulate, exportSecret } from "./hpke";
import { MaxContent, pad, unpad } from "./padding";
import { ok, refuse, type Result } from "./refusal";

/**
 * The encrypted body of one message, version 1, suite 1 (docs/wire/encrypted-dm.md):
 *
 *   payload = 01 ‖ 01 ‖ flags ‖ slots ‖ key_id(8) ‖ commitment(32) ‖ slot_r(48) ‖ [slot_s(48)] ‖ body
 *
 * A random content key encrypts the body; slot_r wraps it for the recipient (HPKE, sender authenticated), slot_s for the
 * sender's own devices. Everything that is sent stands in what is authenticated. The zero nonces are safe because a slot key
 * comes of a fresh ephemeral key and is used once.
 */
const Version = 1;
const Suite = 1;
const SelfSlot = 1;
const PrefixLength = 12;
const CommitmentLength = 32;
const SlotLength = 48;
const TagLength = 16;
const ZeroNonce = new Uint8Array(24);

const Label = utf8("chat.dm1");
const SlotLabel = utf8("chat.dm1.slot");
const BodyLabel = utf8("chat.dm1.body");
const SelfLabel = utf8("chat.dm1.self");
const ForRecipient = utf8("r");
const ForSelf = utf8("s");

/** The server refuses more than this. */
export const MaxPayload = 96 * 1024;

export interface Envelope {
  readonly payload: Uint8Array;
  readonly nonce: Uint8Array;
  readonly ephemeral: Uint8Array;
}

export interface Address {
  /** As the wire has it: it is bound letter by letter. */
  readonly conversationId: string;
  readonly sender: Uint8Array;
  readonly recipient: Uint8Array;
}

export interface Sealing {
  readonly conversationId: string;
  readonly seed: Uint8Array;
  readonly recipient: Uint8Array;
  readonly recipientKey: Uint8Array;
  /** Wraps a copy for the sender's own devices; null leaves it out. */
  readonly selfKey: Uint8Array | null;
}

export interface Freshness {
  readonly ephemeralSecret: Uint8Array;
  readonly contentKey: Uint8Array;
  readonly nonce: Uint8Array;
}

export const fresh = (): Freshness => ({ ephemeralSecret: randomBytes(32), contentKey: randomBytes(32), nonce: randomBytes(24) });

export const keyIdOf = (key: Uint8Array): Bytes => sha256(join(utf8("chat.dm.keyid.v1"), key)).slice(0, 8) as Bytes;

/** Encrypts `content`. `random` must never be used twice; it is wiped. */
export function seal(content: Uint8Array, to: Sealing, random: Freshness = fresh()): Result<Envelope> {
  if (content.length > MaxContent) return refuse("too_long");
  if (!isSoundIdentity(to.recipient) || !isSoundAgreementKey(to.recipientKey)) return refuse("bad_key");
  const sender = identityOf(to.seed);
  const ephemeral = publicOf(random.ephemeralSecret);
  const nonce = Uint8Array.from(random.nonce);
  const prefix = prefixOf(to.recipientKey, to.selfKey !== null);
  const info = infoOf(prefix, { conversationId: to.conversationId, sender, recipient: to.recipient });

  const senderSecret = agreementSecretOf(to.seed);
  const keys = { ephemeralSecret: random.ephemeralSecret, ephemeral, senderSecret, sender: agreementKeyOf(sender), recipient: to.recipientKey };
  const exporter = encapsulate(keys, info);
  wipe(senderSecret);
  if (exporter === null) return refuse("bad_key");

  const { bodyKey, commitment } = bodyKeys(random.contentKey, info, ephemeral, nonce);
  const padded = pad(content);
  const body = xchacha20poly1305(bodyKey, nonce, join(info, ephemeral)).encrypt(padded);
  const digest = digestOf(info, ephemeral, nonce, commitment, body);
  const slotKey = exportSecret(exporter, SlotLabel, 32);
  const slots = [wrap(slotKey, digest, ForRecipient, random.contentKey)];
  if (to.selfKey !== null) slots.push(wrap(selfKeyOf(to.selfKey, ephemeral, info), digest, ForSelf, random.contentKey));
  wipe(exporter, bodyKey, padded, random.contentKey, random.ephemeralSecret);
  return ok({ payload: join(prefix, commitment, ...slots, body), nonce, ephemeral });
}

export interface Parts {
  readonly prefix: Uint8Array;
  readonly keyId: Uint8Array;
  readonly commitment: Uint8Array;
  readonly recipientSlot: Uint8Array;
  readonly selfSlot: Uint8Array | null;
  readonly body: Uint8Array;
}

/** Takes a payload apart; nothing in it has been verified yet. */
export function read(payload: Uint8Array): Result<Parts> {
  if (payload.length < PrefixLength || payload.length > MaxPayload) return refuse("malformed");
  const [version, suite, flags = 0, slots] = payload;
  if (version !== Version || suite !== Suite) return refuse("unknown_version");
  if (flags > SelfSlot || slots !== 1 + flags) return refuse("malformed");
  const slotsAt = PrefixLength + CommitmentLength;
  const bodyAt = slotsAt + slots * SlotLength;
  if (payload.length <= bodyAt + TagLength) return refuse("malformed");
  return ok({
    prefix: payload.subarray(0, PrefixLength),
    keyId: payload.subarray(4, PrefixLength),
    commitment: payload.subarray(PrefixLength, slotsAt),
    recipientSlot: payload.subarray(slotsAt, slotsAt + SlotLength),
    selfSlot: flags === SelfSlot ? payload.subarray(slotsAt + SlotLength, bodyAt) : null,
    body: payload.subarray(bodyAt),
  });
}

/** Opens what somebody sent to us, with the secret of the key that it names. The content is the caller's to wipe. */
export function openAsRecipient(envelope: Envelope, from: Address, secret: Uint8Array): Result<Uint8Array> {
  const parts = soundParts(envelope, from);
  if (!parts.ok) return parts;
  const info = infoOf(parts.value.prefix, from);
  const exporter = decapsulate(envelope.ephemeral, agreementKeyOf(from.sender), secret, info);
  if (exporter === null) return refuse("weak_key");
  const slotKey = exportSecret(exporter, SlotLabel, 32);
  wipe(exporter);
  return openBody(envelope, parts.value, info, unwrapping(slotKey, parts.value.recipientSlot, ForRecipient));
}

/** Opens what this account sent, from whichever of its devices. */
export function openAsSender(envelope: Envelope, from: Address, selfKey: Uint8Array): Result<Uint8Array> {
  const parts = soundParts(envelope, from);
  if (!parts.ok) return parts;
  if (parts.value.selfSlot === null) return refuse("no_own_copy");
  const info = infoOf(parts.value.prefix, from);
  const slotKey = selfKeyOf(selfKey, envelope.ephemeral, info);
  return openBody(envelope, parts.value, info, unwrapping(slotKey, parts.value.selfSlot, ForSelf));
}

function soundParts({ payload, nonce, ephemeral }: Envelope, { sender, recipient }: Address): Result<Parts> {
  if (nonce.length !== 24 || ephemeral.length !== 32) return refuse("malformed");
  if (!isSoundAgreementKey(ephemeral)) return refuse("weak_key");
  if (!isSoundIdentity(sender) || !isSoundIdentity(recipient)) return refuse("bad_key");
  return read(payload);
}

function openBody(envelope: Envelope, parts: Parts, info: Bytes, contentKeyBy: (digest: Bytes) => Bytes | null): Result<Uint8Array> {
  const { nonce, ephemeral } = envelope;
  const contentKey = contentKeyBy(digestOf(info, ephemeral, nonce, parts.commitment, parts.body));
  if (contentKey === null) return refuse("not_authentic");
  const { bodyKey, commitment } = bodyKeys(contentKey, info, ephemeral, nonce);
  wipe(contentKey);
  // Poly1305 commits to no key: without this one payload could be made to open to two texts.
  const padded = equal(commitment, parts.commitment) ? decrypted(bodyKey, nonce, join(info, ephemeral), parts.body) : null;
  wipe(bodyKey);
  if (padded === null) return refuse("not_authentic");
  const content = unpad(padded);
  return content === null ? refuse("malformed_content") : ok(content);
}

const prefixOf = (recipientKey: Uint8Array, self: boolean): Bytes =>
  join(Uint8Array.of(Version, Suite, self ? SelfSlot : 0, self ? 2 : 1), keyIdOf(recipientKey));

const infoOf = (prefix: Uint8Array, { conversationId, sender, recipient }: Address): Bytes =>
  join(lp(Label), prefix, lp(utf8(conversationId)), sender, recipient);

function bodyKeys(contentKey: Uint8Array, info: Bytes, ephemeral: Uint8Array, nonce: Uint8Array): { bodyKey: Bytes; commitment: Bytes } {
  const keys = hkdf(sha256, contentKey, sha256(join(info, ephemeral, nonce)), BodyLabel, 64) as Bytes;
  return { bodyKey: keys.subarray(0, 32), commitment: keys.subarray(32) };
}

const digestOf = (info: Bytes, ephemeral: Uint8Array, nonce: Uint8Array, commitment: Uint8Array, body: Uint8Array): Bytes =>
  sha256(join(info, ephemeral, nonce, commitment, body)) as Bytes;

const selfKeyOf = (selfKey: Uint8Array, ephemeral: Uint8Array, info: Bytes): Bytes =>
  hkdf(sha256, selfKey, ephemeral, join(SelfLabel, sha256(info)), 32) as Bytes;

function wrap(key: Bytes, digest: Bytes, role: Bytes, contentKey: Uint8Array): Uint8Array {
  const slot = xchacha20poly1305(key, ZeroNonce, join(digest, role)).encrypt(contentKey);
  wipe(key);
  return slot;
}

/** The digest in the slot's additional data keeps a recipient, who knows the content key, from giving the slot another body. */
const unwrapping = (key: Bytes, slot: Uint8Array, role: Bytes) => (digest: Bytes): Bytes | null => {
  const contentKey = decrypted(key, ZeroNonce, join(digest, role), slot);
  wipe(key);
  return contentKey;
};

function decrypted(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, sealed: Uint8Array): Bytes | null {
  try {
    return xchacha20poly1305(key, nonce, aad).decrypt(sealed) as Bytes;
  } catch {
    return null;
  }
}
