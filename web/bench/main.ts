import { randomBytes } from "../src/crypto/bytes";
import type { Incoming } from "../src/crypto/correspondence";
import { identityOf, publicOf } from "../src/crypto/curve";
import { openAsRecipient, seal } from "../src/crypto/dm1";
import { Engine } from "../src/crypto/Engine";
import { MemorySafe } from "../src/crypto/MemorySafe";
import { openWorker } from "../src/crypto/openWorker";
import type { Result } from "../src/crypto/refusal";

const Rounds = 200;
const WarmUp = 50;

export interface Figures {
  readonly [what: string]: { readonly median: number; readonly p95: number };
}

/** Milliseconds for 1 KiB: the format alone, and everything that a page waits for (worker, state written to IndexedDB). */
async function measure(): Promise<Figures> {
  return { ...(await format()), ...(await throughTheWorker()) };
}

async function format(): Promise<Figures> {
  const [seed, secret, selfKey, content] = [randomBytes(32), randomBytes(32), randomBytes(32), randomBytes(1024)];
  const conversationId = crypto.randomUUID();
  const from = { conversationId, sender: identityOf(seed), recipient: identityOf(randomBytes(32)) };
  const to = { conversationId, seed, recipient: from.recipient, recipientKey: publicOf(secret), selfKey };
  const sealing = await timed(async () => valueOf(seal(content, to)));
  const opening = await timed(async (round) => valueOf(openAsRecipient(valueAt(sealing.made, round), from, secret)));
  return { "seal 1 KiB": sealing.figures, "open 1 KiB": opening.figures };
}

async function throughTheWorker(): Promise<Figures> {
  const conversationId = crypto.randomUUID();
  const { engine: alice, close } = openWorker("bench");
  const bob = new Engine(new MemorySafe());
  const [mine, theirs] = [valueOf(await alice.create()).identity, valueOf(await bob.create()).identity];
  valueOf(await alice.open(conversationId, "bob", theirs));
  valueOf(await bob.open(conversationId, "alice", mine));
  valueOf(await alice.adoptKey("bob", valueOf(await bob.keyToPublish()).key));
  valueOf(await bob.adoptKey("alice", valueOf(await alice.keyToPublish()).key));
  const body = { kind: "text", text: "x".repeat(1000) } as const;
  const sealing = await timed(async () => valueOf(await alice.seal(conversationId, body)));
  const letters: Incoming[] = [];
  for (let sequence = 1; sequence <= Rounds; sequence++) {
    const sealed = valueOf(await bob.seal(conversationId, body));
    letters.push({ ...sealed, sequence, sender: theirs, timestamp: sealed.sentAt });
  }
  const opening = await timed(async (round) => valueOf(await alice.receive(conversationId, [valueAt(letters, round)])));
  await alice.forget();
  close();
  return { "seal 1 KiB, worker and state": sealing.figures, "open 1 KiB, worker and state": opening.figures };
}

async function timed<T>(work: (round: number) => Promise<T>): Promise<{ readonly made: T[]; readonly figures: Figures[string] }> {
  const made: T[] = [];
  const times: number[] = [];
  for (let round = 0; round < Rounds; round++) {
    const started = performance.now();
    made.push(await work(round));
    if (round >= WarmUp) times.push(performance.now() - started);
  }
  times.sort((a, b) => a - b);
  return { made, figures: { median: valueAt(times, times.length >> 1), p95: valueAt(times, Math.floor(times.length * 0.95)) } };
}

function valueOf<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(result.refusal.code);
  return result.value;
}

function valueAt<T>(all: readonly T[], place: number): T {
  const value = all[place];
  if (value === undefined) throw new Error(`nothing at ${place}`);
  return value;
}

Object.assign(window, { measure });
