import { describe, expect, it } from "vitest";
import { message, page } from "../testing/shapes";
import { append, applied, fromPage, prepend, reacted, withMessage } from "./timeline";

const newest = fromPage(page([message(3), message(4), message(5)], { before: true }));
const sequences = (timeline: { messages: readonly { sequence: number }[] }) => timeline.messages.map(({ sequence }) => sequence);

describe("a timeline", () => {
  it("puts a page in rising order, whatever order it came in", () => {
    expect(sequences(fromPage(page([message(5), message(3), message(4)])))).toEqual([3, 4, 5]);
  });

  it("grows at the end by what is new", () => {
    const next = withMessage(newest, message(6));
    expect(sequences(next)).toEqual([3, 4, 5, 6]);
    expect(next.high).toBe(6);
  });

  it("does not grow where its end is not the newest message", () => {
    const detached = fromPage(page([message(3)], { before: true, after: true }));
    expect(withMessage(detached, message(9))).toBe(detached);
  });

  it("takes a doubled message once", () => {
    expect(sequences(withMessage(withMessage(newest, message(6)), message(6)))).toEqual([3, 4, 5, 6]);
  });

  it("joins older and newer pages without doubling what they share", () => {
    const older = prepend(newest, page([message(1), message(2), message(3)]));
    expect(sequences(older)).toEqual([1, 2, 3, 4, 5]);
    expect(older.atStart).toBe(true);
    const detached = fromPage(page([message(1), message(2)], { after: true }));
    expect(sequences(append(detached, page([message(2), message(3)], { before: true })))).toEqual([1, 2, 3]);
  });

  it("keeps the newer text where an older edit comes late", () => {
    const edit = (content: string, revision: number) => ({
      kind: "edited", conversationId: "c", messageId: "m4", content, editedAt: 1, mentionUserIds: [], mentionRoleIds: [], revision,
    }) as const;
    const twice = applied(applied(newest, edit("second", 12)), edit("first", 11));
    expect(twice.messages[1]?.content).toBe("second");
  });

  it("does not take an older state of a message that it knows", () => {
    const known = withMessage(newest, message(4, { content: "new", revision: 9 }));
    expect(withMessage(known, message(4, { content: "old", revision: 8 }))).toBe(known);
  });

  it("drops what is deleted and says so where it was quoted", () => {
    const reply = message(6, { replyTo: { id: "m4", sequence: 4, senderId: "ada", excerpt: "four", deleted: false } });
    const after = applied(withMessage(newest, reply), { kind: "deleted", conversationId: "c", messageId: "m4", sequence: 4, revision: 20 });
    expect(sequences(after)).toEqual([3, 5, 6]);
    expect(after.messages[2]?.replyTo).toMatchObject({ deleted: true, excerpt: "" });
  });

  it("lets quotes follow an edit of a message that is not loaded", () => {
    const reply = message(6, { replyTo: { id: "m1", sequence: 1, senderId: "ada", excerpt: "before", deleted: false } });
    const after = withMessage(withMessage(newest, reply), message(1, { content: "after", revision: 30 }));
    expect(after.messages.at(-1)?.replyTo?.excerpt).toBe("after");
    expect(after.low).toBe(3);
  });
});

describe("reactions", () => {
  it("are sets: putting in twice and taking out twice changes nothing", () => {
    const once = reacted([], "👍", "ada", true);
    expect(reacted(once, "👍", "ada", true)).toBe(once);
    expect(reacted(reacted(once, "👍", "ada", false), "👍", "ada", false)).toEqual([]);
  });

  it("keep the order of the first of each", () => {
    const both = reacted(reacted(reacted([], "👍", "ada", true), "🎉", "ada", true), "👍", "bob", true);
    expect(both).toEqual([
      { emoji: "👍", userIds: ["ada", "bob"] },
      { emoji: "🎉", userIds: ["ada"] },
    ]);
  });
});
