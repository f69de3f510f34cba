// @vitest-environment node
import { describe, expect, it } from "vitest";
import fc from "../testing/generated";
import { hexOf } from "./bytes";
import type { Incoming, Outcome } from "./correspondence";
import type { Missing } from "./Ledger";
import { Day, type PublishedKey } from "./published";
import { Conversation, flipped, TestDevice, valueOf } from "./testing";

/**
 * Two people with two devices each, and a server that loses, repeats, reorders, alters and misattributes what it carries. In the
 * end, on every device, each message has been shown once under its author's name, or is named as missing, or is refused by name.
 */
interface Letter extends Incoming {
  readonly text: string;
  readonly author: Person;
  readonly deviceId: string;
  readonly counter: bigint;
  /** Never comes to anybody. */
  readonly lost: boolean;
}

class Copy {
  readonly outcomes: Outcome[] = [];
  missing: readonly Missing[] = [];

  constructor(readonly device: TestDevice) {}

  async hear(arrived: readonly Incoming[]): Promise<void> {
    const { outcomes, missing } = valueOf(await this.device.engine.receive(Conversation, arrived));
    this.outcomes.push(...outcomes);
    this.missing = missing;
  }
}

class Person {
  copies: Copy[] = [];
  words = "";
  vault: Uint8Array = new Uint8Array(0);
  published: PublishedKey | null = null;
  identity: Uint8Array = new Uint8Array(0);

  constructor(
    readonly name: string,
    readonly clock: { time: number },
  ) {}

  async begin(): Promise<void> {
    const first = new TestDevice(this.name, this.clock);
    const { identity, words } = valueOf(await first.engine.create());
    Object.assign(this, { identity, words: words.join(" "), published: valueOf(await first.engine.keyToPublish()).key });
    this.copies = [new Copy(first)];
    await this.store(first);
  }

  /** Stores a vault as the server lets it: on top of the newest only. */
  async store({ engine }: TestDevice): Promise<void> {
    if (this.vault.length > 0) valueOf(await engine.merge(this.vault));
    const { blob, version } = valueOf(await engine.backup());
    this.vault = blob;
    valueOf(await engine.backedUp(version));
  }

  async rotate(device: TestDevice): Promise<void> {
    const { engine } = device;
    valueOf(await engine.merge(this.vault));
    valueOf(await engine.keyToPublish(true));
    await this.store(device);
    this.published = valueOf(await engine.keyToPublish()).key;
  }

  async restored(): Promise<Copy> {
    const device = new TestDevice(this.name, this.clock);
    valueOf(await device.engine.restore(this.vault, { words: this.words }));
    return new Copy(device);
  }
}

class World {
  readonly clock = { time: 1_800_000_000_000 };
  readonly people: readonly [Person, Person] = [new Person("alice", this.clock), new Person("bob", this.clock)];
  readonly log: Letter[] = [];

  async begin(): Promise<void> {
    await this.people[0].begin();
    await this.people[1].begin();
    for (const person of this.people) {
      for (const { device } of person.copies) await this.introduce(person, device);
      await person.store(person.copies[0]?.device ?? new TestDevice("nobody"));
      person.copies.push(await person.restored());
    }
  }

  other(person: Person): Person {
    return person === this.people[0] ? this.people[1] : this.people[0];
  }

  /** What a device does when it comes on line: takes the newest vault and the other's newest key. */
  async introduce(person: Person, { engine }: TestDevice): Promise<void> {
    const { name, identity, published } = this.other(person);
    if (person.vault.length > 0) valueOf(await engine.merge(person.vault));
    valueOf(await engine.open(Conversation, name, identity));
    if (published !== null) valueOf(await engine.adoptKey(name, published));
  }

  async say(person: Person, { device }: Copy, lost: boolean): Promise<void> {
    const text = `${person.name} ${this.log.length}`;
    const { sentAt, ...sealed } = valueOf(await device.engine.seal(Conversation, { kind: "text", text }, true));
    const placed = this.log.filter((letter) => letter.author === person && letter.deviceId === idOf(device));
    this.log.push({
      ...sealed, sequence: this.log.length + 1, sender: person.identity, timestamp: sentAt,
      text, author: person, deviceId: idOf(device), counter: BigInt(placed.length + 1), lost,
    });
  }
}

const ids = new Map<TestDevice, string>();
const idOf = (device: TestDevice): string => ids.get(device) ?? ids.set(device, `device ${ids.size}`).get(device) ?? "";

type Step = (world: World) => Promise<void>;

const whose = fc.tuple(fc.nat(1), fc.nat(1));
const pick = (world: World, [person, copy]: readonly [number, number]): readonly [Person, Copy] => {
  const chosen = world.people[person === 0 ? 0 : 1];
  return [chosen, chosen.copies[copy] ?? new Copy(new TestDevice("nobody"))];
};

const say = fc.record({ who: whose, lost: fc.nat(3) }).map(({ who, lost }): Step => async (world) => {
  const [person, copy] = pick(world, who);
  await world.say(person, copy, lost === 0);
});

const deliver = fc.record({ who: whose, which: fc.array(fc.nat(40), { maxLength: 6 }) }).map(({ who, which }): Step => async (world) => {
  const [, copy] = pick(world, who);
  const carried = world.log.filter(({ lost }) => !lost);
  for (const place of which) if (carried.length > 0) await copy.hear([carried[place % carried.length]].filter((one) => one !== undefined));
});

const attack = fc.record({ who: whose, place: fc.nat(40), bit: fc.nat(3295), kind: fc.nat(4) }).map(({ who, place, bit, kind }): Step => async (world) => {
  const [, copy] = pick(world, who);
  const [letter, another] = [world.log[place % Math.max(1, world.log.length)], world.log[0]];
  if (letter === undefined || another === undefined) return;
  const altered: Partial<Incoming>[] = [
    { payload: flipped(letter.payload, bit % (8 * letter.payload.length)) },
    { sender: world.other(letter.author).identity },
    { sequence: letter.sequence + 1000 },
    { nonce: another.nonce, ephemeral: another.ephemeral },
    { payload: another.payload },
  ];
  // What never comes to anybody does not come altered either, or it would have come.
  if (!letter.lost && !another.lost) await copy.hear([{ ...letter, ...altered[kind] }]);
});

const rotate = whose.map((who): Step => async (world) => {
  const [person, { device }] = pick(world, who);
  await person.rotate(device);
});

const sync = whose.map((who): Step => async (world) => {
  const [person, { device }] = pick(world, who);
  await world.introduce(person, device);
  await person.store(device);
});

/** The device is lost, after a last message that arrives; another takes its place. */
const restore = whose.map((who): Step => async (world) => {
  const [person, copy] = pick(world, who);
  await world.say(person, copy, false);
  const place = person.copies.indexOf(copy);
  person.copies[place] = await person.restored();
});

const days = fc.nat(9).map((count): Step => async (world) => {
  world.clock.time += Math.min(count * Day, 1_800_000_000_000 + 44 * Day - world.clock.time);
});

async function settle(world: World): Promise<void> {
  for (const person of world.people) {
    for (const copy of person.copies) {
      await world.introduce(person, copy.device);
      await world.say(person, copy, false);
    }
  }
  for (const person of world.people) {
    for (const copy of person.copies) {
      await world.introduce(person, copy.device);
      await copy.hear(world.log.filter(({ lost }) => !lost));
      await copy.hear(world.log.filter(({ lost }) => !lost));
    }
  }
}

function check(world: World, person: Person, { outcomes, missing }: Copy): void {
  const shown = outcomes.filter((one) => one.kind === "shown").map((one) => (one.kind === "shown" && one.body.kind === "text" ? { ...one, text: one.body.text } : null));
  const devices = new Map(shown.flatMap((one) => (one === null ? [] : [[nameOf(world, one.text), hexOf(one.deviceId)] as const])));
  for (const one of shown) {
    const letter = world.log.find(({ text }) => text === one?.text);
    expect(letter, "only what was written is shown").toBeDefined();
    expect(one?.mine, "under its author's name").toBe(letter?.author === person);
  }
  for (const letter of world.log) {
    const times = shown.filter((one) => one?.text === letter.text).length;
    const deviceId = devices.get(letter.deviceId);
    // Where nothing of a device could be opened, each refused by name, there are no numbers to miss one by.
    const named = deviceId === undefined ? letter.lost : missing.some((gap) =>
      gap.mine === (letter.author === person) && hexOf(gap.deviceId) === deviceId && gap.from <= letter.counter && letter.counter <= gap.to);
    const refused = outcomes.some((one) => one.kind === "refused" && one.sequence === letter.sequence && one.refusal.code === "key_deleted");
    expect(times, `${letter.text} is shown once at most`).toBeLessThanOrEqual(1);
    expect(times === 1 || named || refused, `${letter.text} is shown, named missing or refused by name`).toBe(true);
    expect(times === 1 && named, `${letter.text} is not missing if it is here`).toBe(false);
  }
}

const nameOf = (world: World, text: string): string => world.log.find((letter) => letter.text === text)?.deviceId ?? "";

describe("encrypted conversations over a server that does what it likes", () => {
  it("show every message once or name it missing, and never forge an author", { timeout: 240_000 }, async () => {
    const step = fc.oneof({ weight: 6, arbitrary: say }, { weight: 5, arbitrary: deliver }, { weight: 3, arbitrary: attack }, rotate, sync, restore, days);
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 30, size: "max" }), async (steps) => {
        const world = new World();
        await world.begin();
        for (const take of steps) await take(world);
        await settle(world);
        for (const person of world.people) for (const copy of person.copies) check(world, person, copy);
      }),
      { numRuns: 20 },
    );
  });
});
