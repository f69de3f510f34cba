import { fromHex } from "./bytes";
import type { Incoming, Outcome } from "./correspondence";
import { Engine } from "./Engine";
import { MemorySafe } from "./MemorySafe";
import type { Result } from "./refusal";

/** What only the tests need of the library. */
export const bytes = (hex: string): Uint8Array<ArrayBuffer> => {
  const parsed = fromHex(hex, hex.length / 2);
  if (parsed === null) throw new Error(`no hex: ${hex}`);
  return parsed;
};

export function valueOf<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`refused: ${result.refusal.code}`);
  return result.value;
}

export const codeOf = (result: Result<unknown>): string => (result.ok ? "accepted" : result.refusal.code);

export function flipped(original: Uint8Array, bit: number): Uint8Array<ArrayBuffer> {
  const copy = Uint8Array.from(original);
  copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return copy;
}

/** A person's device. Its clock is moved by hand. */
export class TestDevice {
  readonly clock: { time: number };
  readonly engine: Engine;

  constructor(
    readonly userId: string,
    clock = { time: 1_800_000_000_000 },
  ) {
    this.clock = clock;
    this.engine = new Engine(new MemorySafe(), () => this.clock.time);
  }

  static async withIdentity(userId: string, clock?: { time: number }): Promise<TestDevice> {
    const device = new TestDevice(userId, clock);
    valueOf(await device.engine.create());
    return device;
  }

  async identity(): Promise<Uint8Array> {
    return (await this.engine.identity()) ?? new Uint8Array(0);
  }

  /** As the server would introduce them: the conversation, the other's identity and the key that they published. */
  async meets(other: TestDevice, conversationId = Conversation): Promise<void> {
    valueOf(await this.engine.open(conversationId, other.userId, await other.identity()));
    valueOf(await this.engine.adoptKey(other.userId, valueOf(await other.engine.keyToPublish()).key));
  }

  async says(text: string, conversationId = Conversation): Promise<Omit<Incoming, "sequence">> {
    const { sentAt, ...sealed } = valueOf(await this.engine.seal(conversationId, { kind: "text", text }));
    return { ...sealed, sender: await this.identity(), timestamp: sentAt };
  }

  async hears(...arrived: readonly Incoming[]): Promise<readonly Outcome[]> {
    return valueOf(await this.engine.receive(Conversation, arrived)).outcomes;
  }
}

export const Conversation = "0b8f2a4e-7c1d-4f3a-9e55-1d2c3b4a5f60";

export async function acquainted(): Promise<{ alice: TestDevice; bob: TestDevice }> {
  const [alice, bob] = [await TestDevice.withIdentity("alice"), await TestDevice.withIdentity("bob")];
  await alice.meets(bob);
  await bob.meets(alice);
  return { alice, bob };
}

/** What a reader would see of it. */
export const seen = (outcomes: readonly Outcome[]): string[] =>
  outcomes.map((one) => {
    if (one.kind === "refused") return `refused ${one.refusal.code}`;
    if (one.kind === "duplicate") return "duplicate";
    const words = one.body.kind === "text" ? one.body.text : one.body.kind;
    return [one.kind === "again" ? "again" : one.mine ? "I" : "they", words, ...one.warnings].join(" ");
  });

export const at = (message: Omit<Incoming, "sequence">, sequence: number): Incoming => ({ ...message, sequence });
