import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { ContentSchema, type Content as Wire } from "../wire/gen/dm_content_pb";
import type { Bytes } from "./bytes";
import { ok, refuse, type Result } from "./refusal";

/** What a message says. Ids are the 16 random bytes of the message that is meant. */
export type Body =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "edit"; readonly messageId: Uint8Array; readonly text: string }
  | { readonly kind: "delete"; readonly messageId: Uint8Array }
  | { readonly kind: "reaction"; readonly messageId: Uint8Array; readonly emoji: string; readonly removed: boolean };

export interface Content {
  readonly messageId: Uint8Array;
  readonly deviceId: Uint8Array;
  readonly counter: bigint;
  readonly prev: Uint8Array;
  readonly seen: Uint8Array;
  /** Unix milliseconds, by the author's clock. */
  readonly sentAt: number;
  readonly body: Body;
}

const Version = 1;

export function encodeContent({ sentAt, body, ...rest }: Content): Bytes {
  const content = create(ContentSchema, { ...rest, ver: Version, sentAtMs: BigInt(sentAt), body: bodyTo(body) });
  return toBinary(ContentSchema, content) as Bytes;
}

/** Strict: what is missing, of a wrong length or beyond what can be counted is refused whole. */
export function decodeContent(bytes: Uint8Array): Result<Content> {
  const wire = parsed(bytes);
  if (wire === null) return refuse("malformed_content");
  if (wire.ver !== Version || wire.body.case === undefined) return refuse("unknown_content");
  const body = bodyOf(wire.body);
  const sentAt = Number(wire.sentAtMs);
  const { messageId, deviceId, counter, prev, seen } = wire;
  const sound =
    body !== null && messageId.length === 16 && deviceId.length === 8 && isHash(seen) && isHash(prev) &&
    (counter === 1n) === (prev.length === 0) && counter >= 1n && Number.isSafeInteger(sentAt);
  return sound ? ok({ messageId, deviceId, counter, prev, seen, sentAt, body }) : refuse("malformed_content");
}

const isHash = (bytes: Uint8Array): boolean => bytes.length === 0 || bytes.length === 32;

function parsed(bytes: Uint8Array): Wire | null {
  try {
    return fromBinary(ContentSchema, bytes);
  } catch {
    return null;
  }
}

function bodyTo(body: Body): NonNullable<MessageInitShape<typeof ContentSchema>["body"]> {
  switch (body.kind) {
    case "text":
      return { case: "text", value: body.text };
    case "edit":
      return { case: "edit", value: { messageId: body.messageId, text: body.text } };
    case "delete":
      return { case: "delete", value: { messageId: body.messageId } };
    case "reaction":
      return { case: "reaction", value: { messageId: body.messageId, emoji: body.emoji, removed: body.removed } };
  }
}

function bodyOf(body: Wire["body"]): Body | null {
  switch (body.case) {
    case "text":
      return { kind: "text", text: body.value };
    case "edit":
      return named(body.value.messageId, (messageId) => ({ kind: "edit", messageId, text: body.value.text }));
    case "delete":
      return named(body.value.messageId, (messageId) => ({ kind: "delete", messageId }));
    case "reaction":
      return named(body.value.messageId, (messageId) => ({ kind: "reaction", messageId, emoji: body.value.emoji, removed: body.value.removed }));
    case undefined:
      return null;
  }
}

const named = (messageId: Uint8Array, body: (messageId: Uint8Array) => Body): Body | null => (messageId.length === 16 ? body(messageId) : null);
