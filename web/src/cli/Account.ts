import { Correspondent, Refused, valueOf } from "../crypto/Correspondent";
import type { Client } from "../crypto/channel";
import type { UnlockWith } from "../crypto/backup";
import type { Remote, Somebody } from "./Remote";

export interface NewAccount {
  readonly username: string;
  readonly displayName: string;
  readonly password?: string;
  readonly invite?: string;
  readonly setupToken?: string;
}

/** One account on this machine, and how it gets in. */
export class Account extends Correspondent {
  constructor(
    engine: Client,
    override readonly remote: Remote,
  ) {
    super(engine, remote);
  }

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

  /** The conversation with somebody, and their newest key if they have one. */
  async meet(username: string): Promise<{ readonly conversationId: string; readonly peer: Somebody & { readonly publicKey: Uint8Array } }> {
    const found = await this.remote.find(username);
    if (found === null) throw new Error(username === "" ? "Who is it? Give their username." : `There is nobody called ${username}.`);
    const { publicKey } = found;
    if (publicKey === null) throw new Error(`${username} has no identity key: they can't read encrypted messages yet.`);
    const conversationId = await this.remote.converse(publicKey);
    const { trust } = valueOf(await this.engine.open(conversationId, found.id, publicKey));
    if (trust === "changed") throw new Refused({ code: "identity_changed" });
    return { conversationId, peer: { ...found, publicKey } };
  }
}
