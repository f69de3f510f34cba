import type { Engine } from "./Engine";

/**
 * The engine behind a message channel. In the browser it stands in a worker, so that no key is in reach of the page's
 * scripts and no computation holds up a frame; the page has a {@link Client} with the same methods.
 */
const Calls = [
  "create", "identity", "signLogin", "forget", "keyToPublish", "open", "adoptKey", "verify", "acceptChange", "safetyNumber",
  "codeMatches", "seal", "abandon", "receive", "backup", "backedUp", "hasUnstored", "restore", "merge", "setPassphrase", "hasPassphrase", "newWords", "renewWords",
] as const satisfies readonly (keyof Engine)[];

type Call = (typeof Calls)[number];
export type Client = Pick<Engine, Call>;

/** A worker, its own end inside, or a port. */
export interface Port {
  postMessage(message: unknown): void;
  addEventListener(type: "message", listener: (event: MessageEvent) => void): void;
  addEventListener(type: "error", listener: () => void): void;
}

interface Asked {
  readonly id: number;
  readonly call: Call;
  readonly with: readonly unknown[];
}

/** `failed` names what went wrong with the device's storage; refusals are among the values. */
type Answered = { readonly id: number; readonly value: unknown } | { readonly id: number; readonly failed: string };

const Dead = "the worker has ended";

/** Answers what comes over the port with what `engine` says. */
export function serve(engine: Promise<Client>, port: Port): void {
  // Whoever asks is told; nobody may ask.
  engine.catch(() => undefined);
  port.addEventListener("message", ({ data }: MessageEvent<Asked>) => {
    void answer(engine, data).then((answered) => port.postMessage(answered));
  });
}

async function answer(engine: Promise<Client>, { id, call, with: given }: Asked): Promise<Answered> {
  if (!Calls.includes(call)) return { id, failed: "there is no such call" };
  try {
    const method = (await engine)[call] as (...given: readonly unknown[]) => Promise<unknown>;
    return { id, value: await method.apply(await engine, [...given]) };
  } catch (error) {
    return { id, failed: error instanceof Error ? error.message : "unknown" };
  }
}

/** The engine at the other end of the port. Where that end has died, every call fails. */
export function connect(port: Port): Client {
  const waiting = new Map<number, (answered: Answered) => void>();
  let last = 0;
  let dead = false;
  port.addEventListener("error", () => {
    dead = true;
    for (const [id, answered] of waiting) answered({ id, failed: Dead });
    waiting.clear();
  });
  port.addEventListener("message", ({ data }: MessageEvent<Answered>) => {
    waiting.get(data.id)?.(data);
    waiting.delete(data.id);
  });
  const ask = (call: Call, given: readonly unknown[]): Promise<unknown> =>
    new Promise((resolve, reject) => {
      if (dead) return reject(new Error(Dead));
      const id = ++last;
      waiting.set(id, (answered) => ("failed" in answered ? reject(new Error(answered.failed)) : resolve(answered.value)));
      port.postMessage({ id, call, with: given } satisfies Asked);
    });
  return Object.fromEntries(Calls.map((call) => [call, (...given: readonly unknown[]) => ask(call, given)])) as unknown as Client;
}
