// @vitest-environment node
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Engine } from "../crypto/Engine";
import { Account } from "./Account";
import { commands } from "./commands";
import { FileSafe } from "./FileSafe";
import { Remote } from "./Remote";
import { TestServer } from "./TestServer";

let homes: string;
let server: TestServer;
beforeAll(async () => void (homes = await mkdtemp(join(tmpdir(), "united-dm-"))));
afterAll(() => rm(homes, { recursive: true }));
beforeEach(async () => void (server = await TestServer.start()));
afterEach(() => server.stop());

/** Runs a command as the shell would, in a folder of its own; what it printed. */
async function run(home: string, line: string, { input = [], ...wishes }: { input?: string[]; password?: string; [wish: string]: unknown } = {}): Promise<string[]> {
  const [name = "", ...given] = line.split(" ");
  const printed: string[] = [];
  const account = new Account(new Engine(new FileSafe(join(homes, home))), new Remote(server.url));
  const lines = async function* (): AsyncIterable<string> {
    yield* input;
  };
  await commands[name]?.(account, given, { ...wishes, print: (text) => void printed.push(text), input: lines, wait: async () => undefined });
  return printed;
}

const told = (lines: readonly string[]): string[] => lines.map((line) => line.split("\t").filter((_, column) => column === 0 || column === 2 || column === 3).join(" "));

let count = 0;
async function pair(): Promise<{ alice: string; bob: string; words: string }> {
  const [alice, bob] = [`alice${++count}`, `bob${count}`];
  const [words = ""] = await run(alice, "register alice", { password: "a long password", name: "Alice" });
  await run(bob, "register bob", { name: "Bob" });
  return { alice, bob, words };
}

describe("united-dm", () => {
  it("registers, sends and reads, and the server hears nothing of it", async () => {
    const { alice, bob, words } = await pair();
    expect(words.split(" ")).toHaveLength(24);
    expect(await run(alice, "send bob canary in the mine")).toEqual(["1"]);
    expect(await run(bob, "send alice", { input: ["heard", "", "and again"] })).toEqual(["2", "3"]);
    const expected = ["1 Alice canary in the mine", "2 Bob heard", "3 Bob and again"];
    expect(told(await run(bob, "read alice"))).toEqual(expected);
    expect(told(await run(alice, "read bob"))).toEqual(expected);
    expect(told(await run(alice, "read bob", { last: "1" }))).toEqual(["3 Bob and again"]);
    const heard = Buffer.concat(server.heard).toString("latin1");
    for (const secret of ["canary", Buffer.from("canary in the mine").toString("base64").slice(0, 20), words.slice(0, 30)]) expect(heard).not.toContain(secret);
    expect(server.signedIn.size).toBe(0);
  });

  it("takes from the queue what came meanwhile, once", async () => {
    const { alice, bob } = await pair();
    await run(alice, "send bob", { input: ["one", "two"] });
    expect(told(await run(bob, "inbox"))).toEqual(["1 Alice one", "2 Alice two"]);
    expect(await run(bob, "inbox")).toEqual([]);
    server.expired = 3;
    expect(await run(bob, "inbox")).toEqual(["-\t-\tAlice\t(3 waited for more than 30 days: read them)"]);
  });

  it("sends once though the answer is lost, with the same bytes", async () => {
    const { alice, bob } = await pair();
    server.silent = 2;
    expect(await run(alice, "send bob hello")).toEqual(["1"]);
    expect(told(await run(bob, "read alice"))).toEqual(["1 Alice hello"]);
  });

  it("is set up in another folder from the words, and reads and writes there", async () => {
    const { alice, bob, words } = await pair();
    await run(alice, "send bob before");
    await run(bob, "send alice answer");
    await run(alice, "backup");
    expect(await run(`${alice}-second`, "restore alice", { password: "a long password", input: [words] })).toEqual(["restored"]);
    expect(told(await run(`${alice}-second`, "read bob"))).toEqual(["1 Alice before", "2 Bob answer"]);
    await run(`${alice}-second`, "send bob from the second");
    expect(told(await run(bob, "read alice"))).toEqual(["1 Alice before", "2 Bob answer", "3 Alice from the second"]);
    expect(told(await run(alice, "read bob"))).toEqual(["1 Alice before", "2 Bob answer", "3 Alice from the second"]);
  });

  it("is restored with a passphrase, and with new words once the old are void", async () => {
    const { alice, words } = await pair();
    const password = "a long password";
    await expect(run(alice, "passphrase", { input: ["short"] })).rejects.toThrow("weak_passphrase");
    expect(await run(alice, "passphrase", { input: ["correct horse battery"] })).toEqual(["set"]);
    expect(await run(`${alice}-b`, "restore alice", { password, passphrase: true, input: ["correct horse battery"] })).toEqual(["restored"]);
    const [renewed = ""] = await run(alice, "words");
    await expect(run(`${alice}-c`, "restore alice", { password, input: [words] })).rejects.toThrow("vault_not_opened");
    expect(await run(`${alice}-c`, "restore alice", { password, input: [renewed] })).toEqual(["restored"]);
    await expect(run(`${alice}-b`, "list")).rejects.toThrow("vault_not_opened");
    expect(await run(`${alice}-b`, "restore alice", { password, input: [renewed] })).toEqual(["restored"]);
    expect(await run(`${alice}-b`, "list")).toEqual([]);
    expect(await run(alice, "passphrase", { input: [] })).toEqual(["taken away"]);
    await expect(run(`${alice}-d`, "restore alice", { password, passphrase: true, input: ["correct horse battery"] })).rejects.toThrow("vault_no_slot");
  });

  it("names what the server leaves out, and not what nobody asked it for", async () => {
    const { alice, bob } = await pair();
    await run(bob, "send alice", { input: ["one", "two", "three", "four"] });
    expect(told(await run(alice, "read bob", { last: "1" }))).toEqual(["4 Bob four"]);
    server.talks[0]?.messages.splice(1, 1);
    expect(told(await run(alice, "read bob", { last: "2" }))).toEqual(["3 Bob three", "4 Bob four"]);
    expect(told(await run(alice, "read bob"))).toEqual(["1 Bob one", "3 Bob three", "4 Bob four", "- - (1 missing between 1 and 3)"]);
  });

  it("publishes a new key that the other folder can read with too", async () => {
    const { alice, bob, words } = await pair();
    await run(`${alice}-second`, "restore alice", { password: "a long password", input: words.split(" ") });
    expect(await run(alice, "publish", { new: true })).toEqual(["a new key"]);
    expect(await run(alice, "publish")).toEqual(["the same key"]);
    await run(bob, "send alice to the new key");
    expect(told(await run(`${alice}-second`, "read bob"))).toEqual(["1 Bob to the new key"]);
  });

  it("compares and verifies", async () => {
    const { alice, bob } = await pair();
    const [number] = await run(alice, "safety bob");
    expect(number).toMatch(/^(\d{5} ){11}\d{5}$/);
    expect(await run(bob, "safety alice")).toEqual([number]);
    expect(await run(alice, "verify bob")).toEqual(["verified"]);
    expect((await run(alice, "list")).map((line) => line.split("\t").slice(1).join(" "))).toEqual(["Bob 0"]);
  });

  it("says in words what is refused, and changes nothing", async () => {
    const { alice, bob } = await pair();
    await expect(run("carol", "register bob")).rejects.toThrow("username_taken");
    expect(told(await run("carol", "register carol"))).toHaveLength(1);
    await expect(run(alice, "register alice2")).rejects.toThrow("identity_exists");
    await expect(run("nobody", "read bob")).rejects.toThrow("no_identity");
    await expect(run(alice, "send mallory hello")).rejects.toThrow("nobody called mallory");
    await expect(run(alice, "send")).rejects.toThrow("Who is it?");
    await expect(run("new", "restore alice", { password: "a long password", input: ["abandon ability"] })).rejects.toThrow("bad_words");
    const person = server.people.find(({ username }) => username === "bob");
    const key = person?.key ?? {};
    await run(bob, "publish", { new: true });
    await run(alice, "send bob hello");
    if (person !== undefined) person.key = key;
    await expect(run(alice, "send bob hello")).rejects.toThrow("key_rollback");
  });

  it("notices a vault older than before, and replaces it when told to", async () => {
    const { alice } = await pair();
    const person = server.people.find(({ username }) => username === "alice");
    const old = person?.vault ?? null;
    await run(alice, "backup");
    if (person !== undefined) person.vault = old;
    await expect(run(alice, "list")).rejects.toThrow("vault_rollback");
    await expect(run(alice, "backup")).rejects.toThrow("vault_rollback");
    expect(await run(alice, "backup", { replace: true })).toEqual(["backed up"]);
    expect(await run(alice, "list")).toEqual([]);
  });

  it("lets nothing that others wrote command the terminal", async () => {
    const { alice, bob } = await pair();
    await run(alice, "send bob", { input: ["a\u001b[2Jb\u202Ec\td"] });
    expect((await run(bob, "read alice"))[0]?.split("\t")[3]).toBe("a\uFFFD[2Jb\uFFFDc\uFFFDd");
  });
});

describe("the folder", () => {
  it("is its owner's alone", async () => {
    const { alice } = await pair();
    const [folder, file] = await Promise.all([stat(join(homes, alice)), stat(join(homes, alice, "state.json"))]);
    expect([folder.mode & 0o777, file.mode & 0o777]).toEqual([0o700, 0o600]);
    expect(await readdir(join(homes, alice))).toEqual(["state.json"]);
    expect(await readFile(join(homes, alice, "state.json"), "utf8")).toMatch(/^\{"account":"/);
  });

  it("is used by one at a time, and a lock that its holder left behind is put aside", async () => {
    const { alice } = await pair();
    await writeFile(join(homes, alice, "lock"), "999999999");
    expect(await run(alice, "send bob hello")).toEqual(["1"]);
    const both = await Promise.all([run(alice, "send bob a"), run(alice, "send bob b")]);
    expect(both.flat().toSorted()).toEqual(["2", "3"]);
  });
});
