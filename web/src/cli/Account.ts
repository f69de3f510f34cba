import { equal } from "../crypto/bytes";
import type { Engine } from "../crypto/Engine";
import type { UnlockWith } from "../crypto/backup";
import { type Refusal, Refusals, type Result } from "../crypto/refusal";
import { Problem } from "../wire/problem";
import type { Proof, Remote, Somebody } from "./Remote";

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

export interface NewAccount {
  readonly username: string;
  readonly displayName: string;
  readonly password?: string;
  readonly invite?: string;
  readonly setupToken?: string;
}

const Attempts = 5;

/** One account on this machine: its keys in the engine, its place on the server. */
export class Account {
  constructor(
    readonly engine: Engine,
    readonly remote: Remote,
  ) {}

  /** @returns The recovery words, which are kept nowhere: show them before anything else can fail. */
  async register(account: NewAccount): Promise<readonly string[]> {
    const { words } = valueOf(await this.engine.create());
    try {
      await this.remote.register(account, await this.proof());
    } catch (error) {
      // Nobody has seen these keys yet; the next attempt begins with new ones.
      await this.engine.forget();
      throw error;
    }
    return words;
  }

  async signIn(): Promise<void> {
    await this.remote.verify(await this.proof());
  }

  /** Sets up this folder, or takes renewed words where it is set up already. */
  async restore(username: string, password: string, by: UnlockWith): Promise<void> {
    await this.remote.logIn(username, password);
    const stored = await this.remote.backup();
    if (stored === null) throw new Error("The server has no backup of this account.");
    if ((await this.engine.identity()) === null) valueOf(await this.engine.restore(stored.blob, by));
    else valueOf(await this.engine.merge(stored.blob, by));
  }

  /** Publishes the receiving key; a new one goes into the vault first, so that the other devices can read what is written to it. */
  async publish(force: boolean): Promise<boolean> {
    const { key, renewed } = valueOf(await this.engine.keyToPublish(force));
    if (renewed) await this.store();
    await this.remote.publish(key);
    return renewed;
  }

  /** Takes over what other devices have put into the vault. */
  async catchUp(): Promise<void> {
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

  /** The conversation with somebody, and their newest key if they have one. */
  async meet(username: string): Promise<{ readonly conversationId: string; readonly peer: Somebody & { readonly publicKey: Uint8Array } }> {
    const found = await this.remote.find(username);
    if (found === null) throw new Error(`There is nobody called ${username}.`);
    const { publicKey } = found;
    if (publicKey === null) throw new Error(`${username} has no identity key: they can't read encrypted messages yet.`);
    const conversationId = await this.remote.converse(publicKey);
    const { trust } = valueOf(await this.engine.open(conversationId, found.id, publicKey));
    if (trust === "changed") throw new Refused({ code: "identity_changed" });
    return { conversationId, peer: { ...found, publicKey } };
  }

  async adoptKey({ id, publicKey }: { readonly id: string; readonly publicKey: Uint8Array }): Promise<void> {
    const offered = await this.remote.keyOf(publicKey);
    if (offered !== null) valueOf(await this.engine.adoptKey(id, offered));
  }

  /** The identity of the other in a conversation. */
  async peerIn(participants: readonly { readonly publicKey: Uint8Array; readonly name: string }[]): Promise<{ readonly publicKey: Uint8Array; readonly name: string }> {
    const mine = await this.identity();
    const peer = participants.find(({ publicKey }) => !equal(publicKey, mine));
    if (peer === undefined) throw new Problem("unreadable", 502, "participants");
    return peer;
  }

  async identity(): Promise<Uint8Array> {
    const identity = await this.engine.identity();
    if (identity === null) throw new Refused({ code: "no_identity" });
    return identity;
  }

  private async proof(): Promise<Proof> {
    const publicKey = await this.identity();
    const { id, ...challenge } = await this.remote.challenge(publicKey);
    return { publicKey, challengeId: id, signature: valueOf(await this.engine.signLogin({ ...challenge, origin: this.remote.origin })) };
  }
}
