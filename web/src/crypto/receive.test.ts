// @vitest-environment node
import { describe, expect, it } from "vitest";
import { randomBytes } from "./bytes";
import { identityOf } from "./curve";
import { inOrder } from "./Ledger";
import { Day } from "./published";
import { acquainted, at, codeOf, Conversation, flipped, seen, TestDevice, valueOf } from "./testing";

describe("what comes", () => {
  it("is shown once: again at its place, and not at all at another", async () => {
    const { alice, bob } = await acquainted();
    const hello = await alice.says("hello");
    expect(seen(await bob.hears(at(hello, 1)))).toEqual(["they hello"]);
    expect(seen(await bob.hears(at(hello, 1), at(hello, 2)))).toEqual(["again hello", "duplicate"]);
    expect(seen(await alice.hears(at(hello, 1)))).toEqual(["I hello"]);
    expect(seen(await alice.hears(at(hello, 1), at(hello, 5)))).toEqual(["again hello", "duplicate"]);
  });

  it("with a hole in it names what is missing, and fills it", async () => {
    const { alice, bob } = await acquainted();
    const [one, two, three, four] = [await alice.says("1"), await alice.says("2"), await alice.says("3"), await alice.says("4")];
    await bob.hears(at(one, 1));
    bob.clock.time += 1000;
    const { missing } = valueOf(await bob.engine.receive(Conversation, [at(four, 4)]));
    expect(missing).toEqual([expect.objectContaining({ mine: false, from: 2, to: 3, since: bob.clock.time, afterSequence: 1, beforeSequence: 4 })]);
    expect(seen(await bob.hears(at(three, 3)))).toEqual(["they 3"]);
    expect(valueOf(await bob.engine.receive(Conversation, [])).missing).toEqual([expect.objectContaining({ from: 2, to: 2, beforeSequence: 3 })]);
    expect(seen(await bob.hears(at(two, 2)))).toEqual(["they 2"]);
    expect(valueOf(await bob.engine.receive(Conversation, [])).missing).toEqual([]);
  });

  it("in another order than it was written in says so", async () => {
    const { alice, bob } = await acquainted();
    const [one, two, three] = [await alice.says("1"), await alice.says("2"), await alice.says("3")];
    expect(seen(await bob.hears(at(two, 1), at(one, 2)))).toEqual(["they 2", "they 1 reordered"]);
    expect(seen(await bob.hears(at(three, 3)))).toEqual(["they 3"]);
    const reply = await bob.says("reply");
    expect(seen(await alice.hears(at(reply, 1)))).toEqual(["they reply"]);
    expect(seen(await bob.hears(at(reply, 2)))).toEqual(["I reply reordered"]);
  });

  it("that was altered, sent back, or laid to somebody else is refused, never shown", async () => {
    const { alice, bob } = await acquainted();
    const hello = at(await alice.says("hello"), 1);
    const mallory = identityOf(randomBytes(32));
    const refused = await bob.hears(
      { ...hello, payload: flipped(hello.payload, 8 * 162) },
      { ...hello, sequence: 2, sender: await bob.identity() },
      { ...hello, sequence: 3, sender: mallory },
      { ...hello, sequence: 4, payload: randomBytes(400) },
    );
    expect(seen(refused)).toEqual(["refused not_authentic", "refused not_authentic", "refused not_a_participant", "refused unknown_version"]);
    expect(seen(await bob.hears({ ...hello, sequence: 5 }))).toEqual(["they hello"]);
    const inTheSendersSlot = { ...hello, sequence: 6, payload: flipped(hello.payload, 8 * 100) };
    expect(seen(await bob.hears(inTheSendersSlot))).toEqual(["refused not_authentic"]);
  });

  it("for a key that is gone says when it went, and for one not here yet says so", async () => {
    const { alice, bob } = await acquainted();
    const late = await alice.says("late");
    bob.clock.time += 8 * Day;
    valueOf(await bob.engine.keyToPublish());
    bob.clock.time += 36 * Day;
    valueOf(await bob.engine.keyToPublish());
    expect(seen(await bob.hears({ ...at(late, 1), timestamp: late.timestamp }))).toEqual(["they late"]);
    const later = await alice.says("later");
    bob.clock.time += 2 * Day;
    valueOf(await bob.engine.keyToPublish());
    expect(await bob.hears(at(later, 2))).toEqual([{ kind: "refused", sequence: 2, refusal: { code: "key_deleted", at: bob.clock.time } }]);

    const strange = at(await alice.says("for a key of another device"), 3);
    const unknown = Uint8Array.from(strange.payload);
    unknown.set(randomBytes(8), 4);
    expect(seen(await bob.hears({ ...strange, payload: unknown }))).toEqual(["refused key_unknown"]);
  });

  it("with another time than the server's is marked", async () => {
    const { alice, bob } = await acquainted();
    const hello = await alice.says("hello");
    expect(seen(await bob.hears({ ...at(hello, 1), timestamp: hello.timestamp + 301_000 }))).toEqual(["they hello clock"]);
  });

  it("changes a message only for its author", async () => {
    const { alice, bob } = await acquainted();
    const hello = await alice.says("hello");
    const messageId = (await bob.hears(at(hello, 1))).flatMap((one) => ("messageId" in one ? [one.messageId] : []))[0] ?? randomBytes(0);
    await alice.hears(at(hello, 1));
    const byBob = valueOf(await bob.engine.seal(Conversation, { kind: "delete", messageId }));
    const byAlice = valueOf(await alice.engine.seal(Conversation, { kind: "edit", messageId, text: "hi" }));
    const like = valueOf(await bob.engine.seal(Conversation, { kind: "reaction", messageId, emoji: "👍", removed: false }));
    const wired = async (sealed: typeof byBob, by: TestDevice, sequence: number) => ({ ...sealed, sequence, sender: await by.identity(), timestamp: sealed.sentAt });
    expect(seen(await alice.hears(await wired(byBob, bob, 2)))).toEqual(["refused not_the_author"]);
    expect(seen(await bob.hears(await wired(byAlice, alice, 3)))).toEqual(["they edit"]);
    expect(seen(await alice.hears(await wired(like, bob, 4)))).toEqual(["they reaction"]);
  });

  it("stands in the order of each device's own numbers", () => {
    const [one, other] = [Uint8Array.of(1), Uint8Array.of(2)];
    const message = (deviceId: Uint8Array, sequence: number, counter: bigint) => ({ mine: false, deviceId, sequence, counter });
    const order = inOrder([message(one, 4, 1n), message(other, 2, 1n), message(one, 1, 2n), message(one, 3, 3n)]);
    expect(order.map(({ deviceId, counter }) => `${deviceId.join()}:${counter}`)).toEqual(["1:1", "2:1", "1:2", "1:3"]);
  });
});

describe("what is written", () => {
  it("waits for the other's key, and for a key that still has a reader", async () => {
    const [alice, bob] = [await TestDevice.withIdentity("alice"), await TestDevice.withIdentity("bob")];
    expect(codeOf(await alice.engine.seal(Conversation, { kind: "text", text: "x" }))).toBe("unknown_conversation");
    valueOf(await alice.engine.open(Conversation, "bob", await bob.identity()));
    expect(codeOf(await alice.engine.seal(Conversation, { kind: "text", text: "x" }))).toBe("no_peer_key");
    await alice.meets(bob);
    alice.clock.time += 38 * Day;
    expect(codeOf(await alice.engine.seal(Conversation, { kind: "text", text: "x" }))).toBe("key_expired");
    expect(codeOf(await alice.engine.seal(Conversation, { kind: "text", text: "x" }, true))).toBe("accepted");
    expect(codeOf(await alice.engine.seal(Conversation, { kind: "text", text: "x".repeat(65_536) }, true))).toBe("too_long");
  });

  it("and refused for good gives its number back, so that nobody misses it", async () => {
    const { alice, bob } = await acquainted();
    await bob.hears(at(await alice.says("1"), 1));
    const refused = valueOf(await alice.engine.seal(Conversation, { kind: "text", text: "not allowed" }));
    expect(valueOf(await alice.engine.abandon(Conversation, refused.messageId))).toBe(true);
    expect(valueOf(await alice.engine.abandon(Conversation, refused.messageId))).toBe(false);
    const { outcomes, missing } = valueOf(await bob.engine.receive(Conversation, [at(await alice.says("2"), 2)]));
    expect([seen(outcomes), missing]).toEqual([["they 2"], []]);
  });

  it("is not to somebody whose verified identity has changed, until that is accepted", async () => {
    const { alice, bob } = await acquainted();
    valueOf(await alice.engine.verify("bob", await bob.identity()));
    const stranger = await TestDevice.withIdentity("bob");
    const other = "11111111-7c1d-4f3a-9e55-1d2c3b4a5f60";
    expect(codeOf(await alice.engine.open(Conversation, "bob", await stranger.identity()))).toBe("not_a_participant");
    expect(valueOf(await alice.engine.open(other, "bob", await stranger.identity()))).toMatchObject({ trust: "changed", isNew: true });
    valueOf(await alice.engine.adoptKey("bob", valueOf(await stranger.engine.keyToPublish()).key));
    for (const id of [Conversation, other]) expect(codeOf(await alice.engine.seal(id, { kind: "text", text: "x" }))).toBe("identity_changed");
    expect(codeOf(await alice.engine.acceptChange("bob", await bob.identity()))).toBe("identity_changed");
    valueOf(await alice.engine.acceptChange("bob", await stranger.identity()));
    expect(codeOf(await alice.engine.seal(other, { kind: "text", text: "x" }))).toBe("accepted");
    expect(codeOf(await alice.engine.seal(Conversation, { kind: "text", text: "x" }))).toBe("identity_changed");
  });

  it("never goes to an older key than before, or one that the server made", async () => {
    const { alice, bob } = await acquainted();
    const old = valueOf(await bob.engine.keyToPublish()).key;
    const renewed = valueOf(await bob.engine.keyToPublish(true));
    expect(renewed.renewed).toBe(true);
    valueOf(await alice.engine.adoptKey("bob", renewed.key));
    expect(codeOf(await alice.engine.adoptKey("bob", old))).toBe("key_rollback");
    expect(codeOf(await alice.engine.adoptKey("bob", { key: identityOf(randomBytes(32)) }))).not.toBe("accepted");
    expect(seen(await bob.hears(at(await alice.says("to the new key"), 1)))).toEqual(["they to the new key"]);
  });
});
