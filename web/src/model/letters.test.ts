import { describe, expect, it } from "vitest";
import type { Outcome, Shown } from "../crypto/correspondence";
import { inOrder } from "../crypto/Ledger";
import { entriesOf, type Opened } from "./letters";

const id = (value: number): Uint8Array => new Uint8Array(16).fill(value);

function opened(sequence: number, outcome: Outcome | null): Opened {
  const letter = { id: `l${sequence}`, conversationId: "c", sequence, senderId: "bob", senderName: "Bob", clientId: "", incoming: null };
  return { letter, outcome };
}

const shown = (sequence: number, body: Shown["body"], part: Partial<Shown> = {}): Opened =>
  opened(sequence, {
    kind: "shown", sequence, mine: false, messageId: id(sequence), deviceId: new Uint8Array(8), counter: BigInt(sequence), sentAt: sequence, body, warnings: [], ...part,
  });

const read = (...all: readonly Opened[]): string[] =>
  entriesOf(all, inOrder).map((entry) => (entry.kind === "refused" ? `${entry.sequence} ${entry.refusal.code}` : `${entry.sequence} ${entry.text}${entry.edited ? " (edited)" : ""}`));

describe("the letters of a conversation", () => {
  it("stand in the order of their numbers, what did not open among them", () => {
    const refused = opened(2, { kind: "refused", sequence: 2, refusal: { code: "key_deleted" } });
    expect(read(shown(3, { kind: "text", text: "three" }), refused, shown(1, { kind: "text", text: "one" }))).toEqual(["1 one", "2 key_deleted", "3 three"]);
  });

  it("stand in the order in which their device numbered them where the server says otherwise", () => {
    const second = shown(1, { kind: "text", text: "second" }, { counter: 2n });
    const first = shown(2, { kind: "text", text: "first" }, { counter: 1n });
    expect(read(second, first)).toEqual(["2 first", "1 second"]);
  });

  it("carry out the edits and deletions of other clients", () => {
    const edit = shown(3, { kind: "edit", messageId: id(1), text: "better" });
    const removal = shown(4, { kind: "delete", messageId: id(2) });
    expect(read(shown(1, { kind: "text", text: "one" }), shown(2, { kind: "text", text: "two" }), edit, removal)).toEqual(["1 better (edited)"]);
  });

  it("let nobody change what the other wrote, though it has the same id", () => {
    const theirs = shown(1, { kind: "text", text: "theirs" });
    expect(read(theirs, shown(2, { kind: "edit", messageId: id(1), text: "mine now" }, { mine: true }))).toEqual(["1 theirs"]);
  });

  it("say nothing of repetitions and of what was deleted on the server", () => {
    expect(read(opened(1, null), opened(2, { kind: "duplicate", sequence: 2 }))).toEqual([]);
  });
});
