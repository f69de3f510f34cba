// @vitest-environment node
import { describe, expect, it } from "vitest";
import { byte, hexOf, join, randomBytes } from "./bytes";
import { identityOf } from "./curve";
import { codesMatch, safetyNumber } from "./safetyNumber";
import { flipped } from "./testing";

const [alice, bob, mallory] = [1, 2, 3].map((value) => identityOf(new Uint8Array(32).fill(value))) as [Uint8Array, Uint8Array, Uint8Array];

describe("a safety number", () => {
  it("is sixty digits, the same on both sides, and another for anybody else", () => {
    const [mine, theirs] = [safetyNumber(alice, bob), safetyNumber(bob, alice)];
    expect(mine.groups).toEqual(theirs.groups);
    expect(mine.groups.join(" ")).toMatch(/^(\d{5} ){11}\d{5}$/);
    expect(safetyNumber(alice, mallory).groups).not.toEqual(mine.groups);
  });

  it("never changes for the same two keys", () => {
    expect(safetyNumber(alice, bob).groups.join(" ")).toBe("31844 05076 53860 52029 52233 85934 47121 68298 71367 14365 61825 35208");
  });

  it("is compared by a code too, each side's hash in its place", () => {
    const [mine, theirs] = [safetyNumber(alice, bob), safetyNumber(bob, alice)];
    expect(hexOf(mine.code.slice(0, 1))).toBe("01");
    expect(codesMatch(mine, theirs.code) && codesMatch(theirs, mine.code)).toBe(true);
    const wrong = [mine.code, safetyNumber(mallory, alice).code, flipped(theirs.code, 300), theirs.code.slice(1), join(byte(2), theirs.code.slice(1)), randomBytes(65)];
    expect(wrong.map((code) => codesMatch(mine, code))).toEqual(wrong.map(() => false));
  });
});
