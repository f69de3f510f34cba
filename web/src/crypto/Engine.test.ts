// @vitest-environment node
import { describe, expect, it } from "vitest";
import { hexOf, join, randomBytes, u16, utf8 } from "./bytes";
import { identityOf, verifies } from "./curve";
import { Engine } from "./Engine";
import { MemorySafe } from "./MemorySafe";
import { Day } from "./published";
import { acquainted, at, bytes, codeOf, Conversation, flipped, seen, TestDevice, valueOf } from "./testing";

describe("an identity", () => {
  it("is made once on a device, and forgotten whole", async () => {
    const device = new TestDevice("alice");
    expect(await device.engine.identity()).toBeNull();
    expect(codeOf(await device.engine.keyToPublish())).toBe("no_identity");
    const { identity, words } = valueOf(await device.engine.create());
    expect(words).toHaveLength(24);
    expect(await device.engine.identity()).toEqual(identity);
    expect(codeOf(await device.engine.create())).toBe("identity_exists");
    await device.engine.forget();
    expect(await device.engine.identity()).toBeNull();
  });

  it("proves itself to one server at one address", async () => {
    const device = await TestDevice.withIdentity("alice");
    const challenge = { origin: "https://chat.example", serverId: "ab".repeat(32), nonce: "cd".repeat(32), expiresAt: 1_800_000_060_000 };
    const signature = valueOf(await device.engine.signLogin(challenge));
    const identity = await device.identity();
    const expected = join(
      utf8("\0united/login/v1"), u16(20), utf8("https://chat.example"), u16(64), utf8("ab".repeat(32)), new Uint8Array(32).fill(0xcd), identity,
      bytes((1_800_000_060_000).toString(16).padStart(16, "0")),
    );
    expect(verifies(signature, expected, identity)).toBe(true);
    expect(codeOf(await device.engine.signLogin({ ...challenge, nonce: "cd" }))).toBe("bad_challenge");
  });

  it("leaves no secret of its own in what it hands out", async () => {
    const { alice, bob } = await acquainted();
    const said = await alice.says("hello");
    const out = [valueOf(await alice.engine.keyToPublish()), said, await bob.hears(at(said, 1)), valueOf(await alice.engine.safetyNumber(await bob.identity()))];
    const fields = new Set(out.flatMap(function names(value: unknown): string[] {
      return value !== null && typeof value === "object" && !(value instanceof Uint8Array) ? Object.entries(value).flatMap(([name, inner]) => [name, ...names(inner)]) : [];
    }));
    expect([...fields].filter((name) => /seed|secret|private|selfKey|wordsKey/i.test(name))).toEqual([]);
  });
});

describe("the receiving key", () => {
  it("is renewed after a week, or when asked for, and never goes back in time", async () => {
    const device = await TestDevice.withIdentity("alice");
    const first = valueOf(await device.engine.keyToPublish());
    expect(first.renewed).toBe(false);
    expect(valueOf(await device.engine.keyToPublish()).key.key).toEqual(first.key.key);
    device.clock.time += 7 * Day;
    const second = valueOf(await device.engine.keyToPublish());
    expect([second.renewed, hexOf(second.key.key) === hexOf(first.key.key)]).toEqual([true, false]);
    device.clock.time -= 30 * Day;
    const third = valueOf(await device.engine.keyToPublish(true));
    expect(third.key.createdAt).toBeGreaterThan(second.key.createdAt);
  });
});

describe("a backup", () => {
  const backedUp = async (device: TestDevice): Promise<Uint8Array> => {
    const { blob, version } = valueOf(await device.engine.backup());
    valueOf(await device.engine.backedUp(version));
    return blob;
  };
  const renewedWords = async ({ engine }: TestDevice): Promise<string> => {
    const words = (await engine.newWords()).join(" ");
    valueOf(await engine.renewWords(words));
    return words;
  };

  it("brings a second device all there is, by the words or by the passphrase", async () => {
    const [alice, bob] = [new TestDevice("alice"), await TestDevice.withIdentity("bob")];
    const { words } = valueOf(await alice.engine.create());
    await alice.meets(bob);
    await bob.meets(alice);
    valueOf(await alice.engine.verify("bob", await bob.identity()));
    const before = await bob.says("before");
    await alice.hears(at(before, 1));
    expect(codeOf(await alice.engine.setPassphrase("too short"))).toBe("weak_passphrase");
    valueOf(await alice.engine.setPassphrase("correct horse battery"));
    const blob = await backedUp(alice);

    for (const by of [{ words: words.join(" ") }, { passphrase: "correct horse battery" }]) {
      const second = new TestDevice("alice");
      expect(valueOf(await second.engine.restore(blob, by))).toEqual({ identity: await alice.identity(), conversations: 1 });
      expect(codeOf(await second.engine.restore(blob, by))).toBe("identity_exists");
      expect(valueOf(await second.engine.open(Conversation, "bob", await bob.identity())).trust).toBe("verified");
      expect(seen(await second.hears(at(before, 1)))).toEqual(["they before unverifiable"]);
      expect(seen(await second.hears(at(before, 7)))).toEqual(["duplicate"]);
    }
  });

  it("does not open with other words, and no refusal offers to begin anew", async () => {
    const [alice, other] = [await TestDevice.withIdentity("alice"), new TestDevice("alice")];
    const blob = await backedUp(alice);
    const strange = valueOf(await new TestDevice("x").engine.create()).words.join(" ");
    expect(codeOf(await other.engine.restore(blob, { words: strange }))).toBe("vault_not_opened");
    expect(codeOf(await other.engine.restore(blob, { words: "abandon ability" }))).toBe("bad_words");
    expect(codeOf(await other.engine.restore(blob, { passphrase: "correct horse battery" }))).toBe("vault_no_slot");
    expect(codeOf(await other.engine.restore(flipped(blob, 3000), { words: strange }))).toBe("vault_not_opened");
    expect(await other.engine.identity()).toBeNull();
  });

  it("makes a device of its own: its numbers begin anew, and nothing is missed", async () => {
    const [alice, bob] = [new TestDevice("alice"), await TestDevice.withIdentity("bob")];
    const { words } = valueOf(await alice.engine.create());
    await alice.meets(bob);
    await bob.meets(alice);
    const blob = await backedUp(alice);
    const [one, two] = [await alice.says("from the first"), await alice.says("and again")];
    const second = new TestDevice("alice", alice.clock);
    valueOf(await second.engine.restore(blob, { words: words.join(" ") }));
    const three = await second.says("from the second");
    const { outcomes, missing } = valueOf(await bob.engine.receive(Conversation, [at(one, 1), at(two, 2), at(three, 3)]));
    expect([seen(outcomes), missing]).toEqual([["they from the first", "they and again", "they from the second"], []]);
    expect(seen(await second.hears(at(one, 1), at(two, 2), at(three, 3)))).toEqual(["I from the first", "I and again", "I from the second"]);
  });

  it("carries a renewed key to the other devices, which open what was written to it", async () => {
    const [alice, bob] = [new TestDevice("alice"), await TestDevice.withIdentity("bob")];
    const { words } = valueOf(await alice.engine.create());
    await alice.meets(bob);
    const second = new TestDevice("alice", alice.clock);
    valueOf(await second.engine.restore(await backedUp(alice), { words: words.join(" ") }));
    valueOf(await alice.engine.keyToPublish(true));
    const newer = await backedUp(alice);
    await bob.meets(alice);
    const said = at(await bob.says("to the new key"), 1);
    expect(seen(await second.hears(said))).toEqual(["refused key_unknown"]);
    valueOf(await second.engine.merge(newer));
    expect(seen(await second.hears(said))).toEqual(["they to the new key"]);
  });

  it("that both devices change at once is joined, and loses neither's key", async () => {
    const alice = new TestDevice("alice");
    const { words } = valueOf(await alice.engine.create());
    const second = new TestDevice("alice", alice.clock);
    valueOf(await second.engine.restore(await backedUp(alice), { words: words.join(" ") }));
    valueOf(await alice.engine.keyToPublish(true));
    valueOf(await second.engine.keyToPublish(true));
    valueOf(await second.engine.merge(await backedUp(alice)));
    const joined = valueOf(await second.engine.backup());
    expect(joined.version).toBe(3);
    valueOf(await alice.engine.merge(joined.blob));
    expect(valueOf(await alice.engine.keyToPublish()).key.key).toEqual(valueOf(await second.engine.keyToPublish()).key.key);
  });

  it("older than the last one, or of somebody else, is refused", async () => {
    const [alice, bob] = [await TestDevice.withIdentity("alice"), await TestDevice.withIdentity("bob")];
    const old = await backedUp(alice);
    await backedUp(alice);
    expect(codeOf(await alice.engine.merge(old))).toBe("vault_rollback");
    expect(codeOf(await bob.engine.merge(old))).toBe("vault_not_opened");
    expect(codeOf(await alice.engine.merge(utf8("nothing")))).toBe("vault_malformed");
  });

  it("opens with the new words and no longer with the old", async () => {
    const alice = new TestDevice("alice");
    const { words } = valueOf(await alice.engine.create());
    await backedUp(alice);
    const renewed = await renewedWords(alice);
    const blob = await backedUp(alice);
    expect(codeOf(await new TestDevice("a").engine.restore(blob, { words: words.join(" ") }))).toBe("vault_not_opened");
    expect(valueOf(await new TestDevice("a").engine.restore(blob, { words: renewed })).identity).toEqual(await alice.identity());
  });

  it("opens with the words before until new ones are used, and takes no words that are none", async () => {
    const alice = new TestDevice("alice");
    const { words } = valueOf(await alice.engine.create());
    await alice.engine.newWords();
    expect(codeOf(await alice.engine.renewWords(words.with(5, "unitedx").join(" ")))).toBe("bad_words");
    const blob = await backedUp(alice);
    expect(valueOf(await new TestDevice("a").engine.restore(blob, { words: words.join(" ") })).identity).toEqual(await alice.identity());
  });

  it("says whether it has a passphrase, on every device", async () => {
    const alice = new TestDevice("alice");
    const { words } = valueOf(await alice.engine.create());
    const second = new TestDevice("alice", alice.clock);
    valueOf(await second.engine.restore(await backedUp(alice), { words: words.join(" ") }));
    for (const passphrase of ["correct horse battery", null]) {
      valueOf(await alice.engine.setPassphrase(passphrase));
      valueOf(await second.engine.merge(await backedUp(alice)));
      for (const one of [alice, second]) expect(valueOf(await one.engine.hasPassphrase())).toBe(passphrase !== null);
    }
  });

  it("asks the other devices for renewed words once", async () => {
    const alice = new TestDevice("alice");
    const { words } = valueOf(await alice.engine.create());
    const second = new TestDevice("alice", alice.clock);
    valueOf(await second.engine.restore(await backedUp(alice), { words: words.join(" ") }));
    const renewed = await renewedWords(alice);
    const blob = await backedUp(alice);
    expect(codeOf(await second.engine.merge(blob))).toBe("vault_not_opened");
    valueOf(await second.engine.merge(blob, { words: renewed }));
    valueOf(await second.engine.merge(await backedUp(alice)));
  });

  it("goes as it was where two act at once: each turn sees the one before", async () => {
    const { alice, bob } = await acquainted();
    const said = await Promise.all(Array.from({ length: 8 }, (_, i) => alice.says(`${i}`)));
    const { outcomes, missing } = valueOf(await bob.engine.receive(Conversation, said.map((one, i) => at(one, i + 1))));
    expect([seen(outcomes), missing]).toEqual([said.map((_, i) => `they ${i}`), []]);
  });
});

describe("two people", () => {
  it("see the same safety number, and verify exactly the identity that they compared", async () => {
    const { alice, bob } = await acquainted();
    const [mine, theirs] = [valueOf(await alice.engine.safetyNumber(await bob.identity())), valueOf(await bob.engine.safetyNumber(await alice.identity()))];
    expect(mine.groups).toEqual(theirs.groups);
    expect(valueOf(await alice.engine.codeMatches(await bob.identity(), theirs.code))).toBe(true);
    expect(valueOf(await alice.engine.codeMatches(identityOf(randomBytes(32)), theirs.code))).toBe(false);
    expect(codeOf(await alice.engine.verify("bob", await alice.identity()))).toBe("identity_changed");
    valueOf(await alice.engine.verify("bob", await bob.identity()));
    expect(valueOf(await alice.engine.open(Conversation, "bob", await bob.identity()))).toMatchObject({ trust: "verified", isNew: false });
  });

  it("refuse an identity that is no sound key", async () => {
    const alice = new Engine(new MemorySafe());
    valueOf(await alice.create());
    expect(codeOf(await alice.open(Conversation, "bob", new Uint8Array(32)))).toBe("bad_key");
  });
});
