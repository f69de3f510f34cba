// @vitest-environment node
import { describe, expect, it, vi } from "vitest";
import { join, randomBytes, u32, utf8 } from "./bytes";
import { recoveryOf, unknownWords, wordsOf } from "./phrase";
import { codeOf, flipped, valueOf } from "./testing";
import { Derivation, openVault, passphraseKeyOf, sealVault, wordsKeyOf } from "./vault";

const recovery = randomBytes(32);
const identity = randomBytes(32);
const keys = { words: wordsKeyOf(recovery), passphrase: await passphraseKeyOf("correct horse battery", randomBytes(16), { memoryKib: 19_456, passes: 2, lanes: 1 }) };
const vault = valueOf(sealVault(utf8("state"), identity, 7, keys));
const parametersAt = 42 + 73 + 1;

const derived = vi.hoisted(() => vi.fn());
vi.mock("hash-wasm", async (original) => {
  const { argon2id } = await original<typeof import("hash-wasm")>();
  return { argon2id: (options: Parameters<typeof argon2id>[0]) => (derived(), argon2id(options)) };
});

describe("the words", () => {
  it("are 24, and stand for 32 bytes", () => {
    const words = wordsOf(recovery);
    expect(words).toHaveLength(24);
    expect(recoveryOf(words.join(" "))).toEqual(recovery);
    expect(recoveryOf(`  ${words.join("  \n").toUpperCase()} `)).toEqual(recovery);
    // The list's own known answer for 32 zero bytes.
    expect(wordsOf(new Uint8Array(32)).join(" ")).toBe(`${"abandon ".repeat(23)}art`);
  });

  it("tell a slip of the pen", () => {
    const words = wordsOf(recovery);
    const typed = [words.slice(1), [...words, "abandon"], words.with(5, "unitedx"), words.toReversed(), wordsOf(randomBytes(16))];
    // One in 256 reversed phrases has a good checksum by chance; that one is no slip to tell.
    const told = typed.filter((phrase) => recoveryOf(phrase.join(" ")) === null);
    expect(told.length).toBeGreaterThanOrEqual(4);
    expect(unknownWords(words.with(5, "unitedx").with(9, "zzz"))).toEqual([5, 9]);
  });
});

describe("a vault", () => {
  it("opens with the words, with the passphrase, and with the key that the words make", async () => {
    for (const by of [{ recovery }, { passphrase: "correct horse battery" }, { wordsKey: keys.words }]) {
      expect(valueOf(await openVault(vault, by))).toEqual({ identity, version: 7, data: utf8("state") });
    }
  });

  it("opens with nothing else", async () => {
    expect(codeOf(await openVault(vault, { recovery: randomBytes(32) }))).toBe("vault_not_opened");
    expect(codeOf(await openVault(vault, { passphrase: "Correct horse battery" }))).toBe("vault_not_opened");
    const wordsOnly = valueOf(sealVault(utf8("state"), identity, 7, { ...keys, passphrase: null }));
    expect(codeOf(await openVault(wordsOnly, { passphrase: "correct horse battery" }))).toBe("vault_no_slot");
  });

  it("is refused with any bit of it changed, cut short or with something added", async () => {
    for (let bit = 0; bit < 8 * vault.length; bit++) expect((await openVault(flipped(vault, bit), { recovery })).ok, `bit ${bit}`).toBe(false);
    for (let length = 0; length < vault.length; length++) expect((await openVault(vault.slice(0, length), { recovery })).ok, `${length} bytes`).toBe(false);
    expect((await openVault(join(vault, randomBytes(1)), { recovery })).ok).toBe(false);
  });

  it("is refused with its slots in another order, or out of another vault", async () => {
    const other = valueOf(sealVault(utf8("other"), identity, 7, keys));
    const [words, passphrase] = [vault.slice(42, 42 + 73), vault.slice(42 + 73, 42 + 73 + 101)];
    const exchanged = join(vault.slice(0, 42), passphrase, words, vault.slice(216));
    for (const blob of [exchanged, join(vault.slice(0, 216), other.slice(216)), join(other.slice(0, 216), vault.slice(216))]) {
      expect(codeOf(await openVault(blob, { recovery }))).toBe("vault_not_opened");
    }
  });

  it("of which the server asks for a derivation that is too cheap, or too dear, is refused before anything is derived", async () => {
    derived.mockClear();
    const cheap = [[19_455, 2, 1], [65_536, 1, 1], [0, 0, 0], [65_536, 3, 0], [4_194_304, 3, 1], [65_536, 1000, 1], [65_536, 3, 200]];
    for (const parameters of cheap) {
      const blob = join(vault.slice(0, parametersAt), ...parameters.map(u32), vault.slice(parametersAt + 12));
      expect(codeOf(await openVault(blob, { passphrase: "correct horse battery" })), parameters.join()).toBe("vault_weak");
    }
    expect(derived).not.toHaveBeenCalled();
  });

  it("asks 64 MiB of whoever tries passphrases", () => {
    expect(Derivation).toEqual({ memoryKib: 65_536, passes: 3, lanes: 1 });
  });

  it("has a key of its own in every version", () => {
    const again = valueOf(sealVault(utf8("state"), identity, 7, keys));
    expect(again).toHaveLength(vault.length);
    expect(again.slice(-21)).not.toEqual(vault.slice(-21));
    expect(codeOf(sealVault(new Uint8Array(65 * 1024), identity, 8, keys))).toBe("vault_too_large");
  });
});
