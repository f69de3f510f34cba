// @vitest-environment node
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Account } from "../cli/Account";
import { Remote } from "../cli/Remote";
import { TestServer } from "../cli/TestServer";
import { Engine } from "../crypto/Engine";
import { MemorySafe } from "../crypto/MemorySafe";
import { user } from "../testing/shapes";
import { hexOf } from "../wire/hex";
import { Problem } from "../wire/problem";
import type { Conversation, User } from "../wire/shapes";
import { Encrypted, type EncryptedHost } from "./Encrypted";
import { refusalOf } from "./refusal";
import { Sealings } from "./Sealings";
import { Store } from "./Store";
import type { Talk } from "./Talk";

// As in setup.ts: a limit is for what never comes, not for what a busy machine is late with.
const until = (check: () => void): Promise<void> => vi.waitFor(check, 20_000);

const Password = "a long password";

let server: TestServer;
beforeEach(async () => void (server = await TestServer.start()));
afterEach(() => server.stop());

class MemoryStorage {
  private readonly items = new Map<string, string>();
  get length(): number {
    return this.items.size;
  }
  clear = (): void => this.items.clear();
  key = (at: number): string | null => [...this.items.keys()][at] ?? null;
  getItem = (name: string): string | null => this.items.get(name) ?? null;
  setItem = (name: string, value: string): void => void this.items.set(name, value);
  removeItem = (name: string): void => void this.items.delete(name);
}

/** Somebody with an account, signed in on a device of theirs. */
class Somebody {
  words = "";
  readonly log = new Store<ReadonlyMap<string, Conversation>>(new Map());
  readonly encrypted: Encrypted;
  readonly storage = new MemoryStorage();
  /** As the server names them; what a test says otherwise is what the server claims. */
  claimed: ((users: readonly User[]) => readonly User[]) | null = null;

  constructor(
    readonly name: string,
    readonly account = new Account(new Engine(new MemorySafe()), new Remote(server.url)),
  ) {
    this.encrypted = this.page();
  }

  /** Another page of the same browser. */
  page(open: EncryptedHost["open"] = async () => ({ account: this.account, close: () => undefined })): Encrypted {
    const { name } = this;
    return new Encrypted({
      sealings: new Sealings(name, this.storage),
      open,
      me: async () => known().find(({ username }) => username === name) ?? user(name),
      users: async () => this.claimed?.(known()) ?? known(),
      conversations: this.log,
      wait: async () => undefined,
    });
  }

  static async joined(name: string): Promise<Somebody> {
    const somebody = new Somebody(name);
    somebody.words = (await somebody.account.register({ username: name, displayName: name, password: Password })).join(" ");
    await somebody.account.store();
    await somebody.encrypted.look();
    return somebody;
  }

  /** The conversation with them, opened; the server has told of everything in it. */
  async with(other: Somebody, encrypted = this.encrypted): Promise<Talk> {
    const them = known().find(({ username }) => username === other.name);
    if (them === undefined) throw new Error("nobody");
    const id = await encrypted.converse(them);
    const talk = encrypted.talk(encrypted.state.get().talks.find((one) => one.id === id) ?? { id, name: "", peer: new Uint8Array(), userId: null, expired: 0 });
    talk.resume();
    await until(() => expect(talk.state.get().phase).not.toBe("loading"));
    return talk;
  }

  hears(talk: Talk, lastSequence: number): void {
    talk.advanced(lastSequence);
  }
}

/** One that is in the list, opened. */
async function talkOf({ encrypted }: Somebody, id: string): Promise<Talk> {
  const whom = encrypted.state.get().talks.find((one) => one.id === id);
  if (whom === undefined) throw new Error("not in the list");
  const talk = encrypted.talk(whom);
  talk.resume();
  await until(() => expect(talk.state.get().phase).toBe("ready"));
  return talk;
}

const known = (): User[] => server.people.map(({ id, username, displayName, publicKey }) => user(id, { username, displayName, publicKey }));
const said = (talk: Talk): string[] => talk.state.get().entries.map((entry) => (entry.kind === "text" ? entry.text : entry.refusal.code));
const says = (talk: Talk, ...texts: string[]): Promise<void> => until(() => expect(said(talk)).toEqual(texts));

describe("encrypted conversations", () => {
  it("are talked in both ways, and what was sent is drawn once", async () => {
    const [ada, bob] = [await Somebody.joined("ada"), await Somebody.joined("bob")];
    const [adas, bobs] = [await ada.with(bob), await bob.with(ada)];
    adas.send("hello");
    expect(adas.state.get().unsent).toHaveLength(1);
    await says(adas, "hello");
    expect(adas.state.get().unsent).toEqual([]);
    bob.hears(bobs, 1);
    await says(bobs, "hello");
    bobs.send("and you");
    bobs.send("well?");
    ada.hears(adas, 2);
    await until(() => expect(said(bobs)).toHaveLength(3));
    ada.hears(adas, 3);
    await says(adas, "hello", "and you", "well?");
  });

  it("load by pages, the oldest last, and say nothing of holes before what is loaded", async () => {
    const [ada, bob] = [await Somebody.joined("ada"), await Somebody.joined("bob")];
    const adas = await ada.with(bob);
    for (let at = 1; at <= 60; at++) adas.send(String(at));
    await until(() => expect(said(adas)).toHaveLength(60));
    const bobs = await bob.with(ada);
    expect(said(bobs)).toHaveLength(50);
    expect(bobs.state.get()).toMatchObject({ atStart: false, missing: [] });
    bobs.loadOlder();
    await until(() => expect(said(bobs)).toHaveLength(60));
    expect(bobs.state.get()).toMatchObject({ atStart: true, older: "idle", missing: [] });
  }, 30_000);

  it("name what the server withholds", async () => {
    const [ada, bob] = [await Somebody.joined("ada"), await Somebody.joined("bob")];
    const adas = await ada.with(bob);
    for (const text of ["one", "two", "three"]) adas.send(text);
    await says(adas, "one", "two", "three");
    server.talks[0]?.messages.splice(1, 1);
    const bobs = await bob.with(ada);
    expect(said(bobs)).toEqual(["one", "three"]);
    expect(bobs.state.get().missing).toMatchObject([{ from: 2, to: 2, mine: false, beforeSequence: 3 }]);
  });

  it("send the same message again where no answer came, and it stands once", async () => {
    const [ada, bob] = [await Somebody.joined("ada"), await Somebody.joined("bob")];
    const adas = await ada.with(bob);
    server.silent = 2;
    adas.send("once");
    await says(adas, "once");
    expect(server.talks[0]?.messages).toHaveLength(1);
  });

  it("keep a text that was refused for good, say why, and leave no hole behind", async () => {
    const [ada, bob] = [await Somebody.joined("ada"), await Somebody.joined("bob")];
    const adas = await ada.with(bob);
    const send = vi.spyOn(ada.account.remote, "send").mockRejectedValueOnce(new Problem("forbidden", 403));
    adas.send("refused");
    await until(() => expect(adas.state.get().unsent[0]?.error).toMatchObject({ code: "forbidden" }));
    adas.retry(adas.state.get().unsent[0]?.clientId ?? "");
    await says(adas, "refused");
    expect(send).toHaveBeenCalledTimes(2);
    const bobs = await bob.with(ada);
    expect([said(bobs), bobs.state.get().missing]).toEqual([["refused"], []]);
  });

  it("send what was sealed when the page was left, as it was sealed, and keep no text for that", async () => {
    const [ada, bob] = [await Somebody.joined("ada"), await Somebody.joined("bob")];
    const adas = await ada.with(bob);
    const send = vi.spyOn(ada.account.remote, "send").mockImplementationOnce(async () => {
      ada.encrypted.stop();
      throw new Problem("network", 0);
    });
    adas.send("sealed in time");
    await until(() => expect(send).toHaveBeenCalledTimes(1));
    const kept = ada.storage.getItem(ada.storage.key(0) ?? "") ?? "";
    expect(kept).toContain(hexOf(send.mock.calls[0]?.[1].nonce ?? new Uint8Array()));
    expect(kept).not.toContain("sealed in time");
    await says(await ada.with(bob, ada.page()), "sealed in time");
    expect(ada.storage.length).toBe(0);
    const bobs = await bob.with(ada);
    expect([said(bobs), bobs.state.get().missing]).toEqual([["sealed in time"], []]);
  });

  it("say it of a safety number that was compared, on every device", async () => {
    const [ada, bob] = [await Somebody.joined("ada"), await Somebody.joined("bob")];
    const [adas, bobs] = [await ada.with(bob), await bob.with(ada)];
    expect(adas.state.get().trust).toBe("unverified");
    expect(await adas.safetyNumber()).toEqual(await bobs.safetyNumber());
    await adas.verify();
    expect(adas.state.get().trust).toBe("verified");
    const second = new Somebody("ada");
    await second.account.remote.logIn("ada", Password);
    await second.encrypted.unlock({ words: ada.words });
    expect((await second.with(bob)).state.get().trust).toBe("verified");
  });

  it("say it on every device also where the page was closed before the backup had it", async () => {
    const [ada, bob] = [await Somebody.joined("ada"), await Somebody.joined("bob")];
    const adas = await ada.with(bob);
    vi.spyOn(ada.account.remote, "storeBackup").mockRejectedValueOnce(new Problem("network", 0));
    await expect(adas.verify()).rejects.toThrow(Problem);
    await ada.page().look();
    const second = new Somebody("ada");
    await second.account.remote.logIn("ada", Password);
    await second.encrypted.unlock({ words: ada.words });
    expect((await second.with(bob)).state.get().trust).toBe("verified");
  });
});

describe("a device without keys", () => {
  it("asks for the words, tells of wrong ones, and reads the history with the right ones", async () => {
    const [ada, bob] = [await Somebody.joined("ada"), await Somebody.joined("bob")];
    const adas = await ada.with(bob);
    adas.send("before");
    await says(adas, "before");
    const second = new Somebody("ada");
    await second.account.remote.logIn("ada", Password);
    await second.encrypted.look();
    expect(second.encrypted.state.get().phase).toBe("locked");
    const wrong = await second.encrypted.unlock({ words: bob.words }).catch(refusalOf);
    expect(wrong).toMatchObject({ code: "vault_not_opened" });
    expect(second.encrypted.state.get().phase).toBe("locked");
    await second.encrypted.unlock({ words: ada.words });
    expect(second.encrypted.state.get().phase).toBe("ready");
    expect(said(await second.with(bob))).toEqual(["before"]);
  });

  it("opens with a passphrase once one is set, and with renewed words in place of the old", async () => {
    const ada = await Somebody.joined("ada");
    expect(await ada.encrypted.hasPassphrase()).toBe(false);
    await ada.encrypted.setPassphrase("correct horse battery");
    expect(await ada.encrypted.hasPassphrase()).toBe(true);
    const words = await ada.encrypted.newWords();
    await ada.encrypted.renewWords(words);
    const opening = async (by: Parameters<Encrypted["unlock"]>[0]): Promise<unknown> => {
      const device = new Somebody("ada");
      await device.account.remote.logIn("ada", Password);
      return device.encrypted.unlock(by).then(() => device.encrypted.state.get().phase, refusalOf);
    };
    expect(await opening({ words: ada.words })).toMatchObject({ code: "vault_not_opened" });
    expect(await opening({ words: words.join(" ") })).toBe("ready");
    expect(await opening({ passphrase: "correct horse battery" })).toBe("ready");
    await ada.encrypted.setPassphrase(null);
    expect(await opening({ passphrase: "correct horse battery" })).toMatchObject({ code: "vault_no_slot" });
  });

  it("keeps what is open while the server does not answer, and says so where nothing is", async () => {
    const ada = await Somebody.joined("ada");
    const silent = vi.spyOn(ada.account.remote, "backup").mockRejectedValue(new Problem("network", 0));
    await ada.encrypted.look();
    expect(ada.encrypted.state.get().phase).toBe("ready");
    const page = ada.page();
    await page.look();
    expect(page.state.get()).toMatchObject({ phase: "failed", error: { code: "network" } });
    silent.mockRestore();
    await page.look();
    expect(page.state.get()).toMatchObject({ phase: "ready", error: null });
  });

  it("begins with another worker where the first died, or could not open the device's storage", async () => {
    const ada = await Somebody.joined("ada");
    const closed = vi.fn();
    const broken = new Account(new Engine(Object.assign(new MemorySafe(), { alone: () => Promise.reject(new Error("no storage here")) })), new Remote(server.url));
    let die = (): void => undefined;
    const accounts = [broken, ada.account, ada.account];
    const opened: Account[] = [];
    const page = ada.page(async (died) => {
      die = died;
      const account = accounts.shift() ?? broken;
      opened.push(account);
      return { account, close: closed };
    });
    await page.look();
    expect(page.state.get().phase).toBe("failed");
    await page.look();
    expect([page.state.get().phase, closed.mock.calls.length]).toEqual(["ready", 1]);
    die();
    expect(await page.hasPassphrase()).toBe(false);
    expect(opened).toEqual([broken, ada.account, ada.account]);
  });

  it("says so where there is no backup either", async () => {
    await Somebody.joined("ada");
    for (const person of server.people) person.vault = null;
    const second = new Somebody("ada");
    await second.account.remote.logIn("ada", Password);
    await second.encrypted.look();
    expect(second.encrypted.state.get().phase).toBe("lost");
  });

  it("does not load the library where the account has no keys", async () => {
    const open = vi.fn();
    const sealings = new Sealings("ada", new MemoryStorage());
    const encrypted = new Encrypted({ open, sealings, me: async () => user("ada"), users: async () => [], conversations: new Store(new Map()), wait: async () => undefined });
    await encrypted.look();
    expect([encrypted.state.get().phase, open.mock.calls.length]).toEqual(["none", 0]);
  });
});

describe("an identity that was verified", () => {
  it("goes with all devices and the words: the other is told before they write, and nothing of the old one is shown as if it were the new", async () => {
    const [ada, bob] = [await Somebody.joined("ada"), await Somebody.joined("bob")];
    const [adas, bobs] = [await ada.with(bob), await bob.with(ada)];
    await bobs.verify();
    adas.send("before");
    await says(adas, "before");
    const fresh = new Somebody("ada");
    await fresh.account.remote.logIn("ada", Password);
    await fresh.encrypted.create();
    await fresh.encrypted.settle();
    expect(fresh.encrypted.state.get()).toMatchObject({ phase: "ready", talks: [] });

    await bob.encrypted.look();
    expect(bob.encrypted.state.get().talks).toMatchObject([{ id: bobs.whom.id, userId: null }]);
    expect(said(await talkOf(bob, bobs.whom.id))).toEqual(["before"]);
    const anew = await bob.with(fresh);
    expect(anew.state.get()).toMatchObject({ trust: "changed", isNew: true });
    await anew.acceptChange();
    anew.send("is it you?");
    await says(anew, "is it you?");
    expect(said(await fresh.with(bob))).toEqual(["is it you?"]);
  });

  it("is not replaced unseen: nothing is sent until the new one is accepted", async () => {
    const [ada, bob] = [await Somebody.joined("ada"), await Somebody.joined("bob")];
    await (await ada.with(bob)).verify();
    const eve = await Somebody.joined("eve");
    const bobId = server.people.find(({ username }) => username === "bob")?.id ?? "";
    // The server names another key for Bob.
    const claim = async (): Promise<Talk> => {
      ada.claimed = (users) => users.filter(({ username }) => username !== "bob").map((one) => (one.username === "eve" ? { ...one, id: bobId } : one));
      return ada.with(eve);
    };
    const talk = await claim();
    expect(talk.state.get()).toMatchObject({ trust: "changed", isNew: true });
    talk.send("is it you?");
    await until(() => expect(refusalOf(talk.state.get().unsent[0]?.error)).toMatchObject({ code: "identity_changed" }));
    expect(server.talks.flatMap(({ messages }) => messages)).toEqual([]);
    await talk.acceptChange();
    talk.retry(talk.state.get().unsent[0]?.clientId ?? "");
    await says(talk, "is it you?");
    const closed = ada.encrypted.state.get().talks.find(({ peer }) => hexOf(peer) === server.people.find(({ id }) => id === bobId)?.publicKey);
    expect(closed?.userId).toBeNull();
  });
});
