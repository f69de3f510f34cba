import { Problem } from "../wire/problem";
import { equal, fromHex } from "./bytes";
import type { Client } from "./channel";
import { inOrder } from "./Ledger";
import { type Refusal, Refusals, type Result } from "./refusal";
import type { Proof, Relay, Talk } from "./Relay";

/** What the engine refused, in words. */
export class Refused extends Error {
  constructor(readonly refusal: Refusal) {
    super(`${refusal.code}: ${Refusals[refusal.code].means}`);
  }
}

export function valueOf<T>(result: Result<T>): T {
  if (!result.ok) throw new Refused(result.refusal);
  return result.value;
}

const Attempts = 5;

/** One account on this device: its keys in the engine, its place on the server, and the steps that need both. */
export class Correspondent {
  /** For whoever loads this module when it is needed, and no other part of the library. */
  readonly inOrder = inOrder;

  constructor(
    readonly engine: Client,
    readonly remote: Relay,
  ) {}

  /** Publishes the receiving key; a new one goes into the vault first, so that the other devices can read what is written to it. */
  async publish(force: boolean): Promise<boolean> {
    const { key, renewed } = valueOf(await this.engine.keyToPublish(force));
    if (renewed) await this.store();
    await this.remote.publish(key);
    return renewed;
  }

  /** Takes over what other devices have put into the vault, and stores what this one could not store when it was due. */
  async catchUp(): Promise<void> {
    if (valueOf(await this.engine.hasUnstored())) return this.store();
    const stored = await this.remote.backup();
    if (stored !== null) valueOf(await this.engine.merge(stored.blob));
  }

  /**
   * Stores the vault on top of the newest, whoever wrote that.
   * @param replace Also where the server's is older than one that was seen here, or is not ours: the person says that it is well.
   */
  async store(replace = false): Promise<void> {
    for (let attempt = 0; attempt < Attempts; attempt++) {
      const stored = await this.remote.backup();
      if (stored !== null && !replace) valueOf(await this.engine.merge(stored.blob));
      const { blob, version } = valueOf(await this.engine.backup());
      if (await this.remote.storeBackup(blob, stored?.version ?? 0)) return void valueOf(await this.engine.backedUp(version));
    }
    throw new Problem("conflict", 412);
  }

  async adoptKey({ id, publicKey }: { readonly id: string; readonly publicKey: Uint8Array }): Promise<void> {
    const offered = await this.remote.keyOf(publicKey);
    if (offered !== null) valueOf(await this.engine.adoptKey(id, offered));
  }

  /** The identity that the server names for somebody, in hex. */
  peerOf(publicKey: string): Uint8Array {
    const identity = fromHex(publicKey, 32);
    if (identity === null) throw new Problem("unreadable", 502, "public_key");
    return identity;
  }

  /** The conversations of this identity, with who is at the other end. Those of one that was given up can't be read any more. */
  async talks(): Promise<(Talk & { readonly peer: Talk["participants"][number] })[]> {
    const mine = await this.identity();
    return (await this.remote.talks()).flatMap((talk) => {
      const [peer, another] = talk.participants.filter(({ publicKey }) => !equal(publicKey, mine));
      return peer === undefined || another !== undefined ? [] : [{ ...talk, peer }];
    });
  }

  async identity(): Promise<Uint8Array> {
    const identity = await this.engine.identity();
    if (identity === null) throw new Refused({ code: "no_identity" });
    return identity;
  }

  async proof(): Promise<Proof> {
    const publicKey = await this.identity();
    const { id, ...challenge } = await this.remote.challenge(publicKey);
    return { publicKey, challengeId: id, signature: valueOf(await this.engine.signLogin({ ...challenge, origin: this.remote.origin })) };
  }
}
