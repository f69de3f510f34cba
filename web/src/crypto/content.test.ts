// @vitest-environment node
import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import fc from "../testing/generated";
import { ContentSchema } from "../wire/gen/dm_content_pb";
import { equal, join, randomBytes } from "./bytes";
import { type Content, decodeContent, encodeContent } from "./content";
import { pad, unpad } from "./padding";
import { codeOf, valueOf } from "./testing";

const content: Content = {
  messageId: randomBytes(16), deviceId: randomBytes(8), counter: 2n, prev: randomBytes(32), seen: randomBytes(32), sentAt: 1_800_000_000_000,
  body: { kind: "text", text: "hello" },
};

const wired = (changed: MessageInitShape<typeof ContentSchema>): Uint8Array => {
  const { sentAt, body, ...rest } = content;
  return toBinary(ContentSchema, create(ContentSchema, { ...rest, ver: 1, sentAtMs: BigInt(sentAt), body: { case: "text", value: body.kind }, ...changed }));
};

describe("content", () => {
  it("comes back as it was, of every kind", () => {
    const bodies: Content["body"][] = [
      content.body,
      { kind: "edit", messageId: randomBytes(16), text: "hallo" },
      { kind: "delete", messageId: randomBytes(16) },
      { kind: "reaction", messageId: randomBytes(16), emoji: "👍", removed: true },
    ];
    for (const body of bodies) expect(valueOf(decodeContent(encodeContent({ ...content, body })))).toEqual({ ...content, body });
    const first = { ...content, counter: 1n, prev: randomBytes(0), seen: randomBytes(0) };
    expect(valueOf(decodeContent(encodeContent(first)))).toEqual(first);
  });

  it("is refused whole where a part is missing or of a wrong length", () => {
    const broken: MessageInitShape<typeof ContentSchema>[] = [
      { messageId: randomBytes(15) }, { deviceId: randomBytes(0) }, { counter: 0n }, { counter: 1n }, { prev: randomBytes(0) }, { prev: randomBytes(31) },
      { seen: randomBytes(1) }, { sentAtMs: 2n ** 60n }, { body: { case: "edit", value: { messageId: randomBytes(4), text: "x" } } },
    ];
    expect(broken.map((changed) => codeOf(decodeContent(wired(changed))))).toEqual(broken.map(() => "malformed_content"));
    expect(codeOf(decodeContent(wired({})))).toBe("accepted");
    expect(codeOf(decodeContent(wired({}).slice(0, -1)))).toBe("malformed_content");
  });

  it("of a later kind or version is named so, and what else a later version adds is passed over", () => {
    expect(codeOf(decodeContent(wired({ ver: 2 })))).toBe("unknown_content");
    expect(codeOf(decodeContent(wired({ body: { case: undefined } })))).toBe("unknown_content");
    expect(codeOf(decodeContent(join(wired({}), Uint8Array.of(0xa2, 0x06, 0x01, 0x00))))).toBe("accepted");
  });
});

describe("padding", () => {
  it("comes off as it went on, and tells a twelfth of the length at most", () => {
    fc.assert(
      fc.property(fc.nat(65_536), (length) => {
        const original = new Uint8Array(length).fill(7);
        const padded = pad(original);
        expect(equal(unpad(padded) ?? randomBytes(1), original)).toBe(true);
        expect(padded.length).toBeGreaterThanOrEqual(256);
        if (length >= 256) expect(padded.length).toBeLessThanOrEqual(Math.ceil((length + 1) * 1.12));
      }),
      { numRuns: 200 },
    );
  });

  it("is refused where it is not exactly that", () => {
    const padded = pad(new Uint8Array(5));
    for (const other of [new Uint8Array(256), padded.slice(1), join(padded, new Uint8Array(1)), randomBytes(256).fill(1), new Uint8Array(0)]) expect(unpad(other)).toBeNull();
  });
});
