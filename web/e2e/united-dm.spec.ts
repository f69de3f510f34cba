import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { build } from "vite";
import { startServer, type RunningServer } from "./server";

/** Encrypted messages from a shell, against the real server: the wire suffices without our page. */
test.describe.configure({ mode: "serial" });

const Password = "correct horse battery";
const Canary = "canary-in-the-mine";

let server: RunningServer;
let folder: string;
let words = "";

test.beforeAll(async () => {
  server = await startServer();
  folder = await mkdtemp(join(tmpdir(), "united-dm-"));
  await build({ root: join(import.meta.dirname, ".."), configFile: join(import.meta.dirname, "../vite.cli.config.ts"), logLevel: "warn", build: { outDir: join(folder, "program"), emptyOutDir: true } });
});

test.afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
});

/** What a command printed, without times and ids. */
function shell(home: string, given: readonly string[], input = ""): Promise<string[]> {
  const env = { ...process.env, UNITED_URL: server.url, UNITED_DM_HOME: join(folder, home), UNITED_PASSWORD: Password };
  return new Promise((resolve, reject) => {
    const child = execFile(process.execPath, [join(folder, "program/united-dm.mjs"), ...given], { env }, (error, printed, complaints) => {
      if (error) reject(new Error(complaints));
      else resolve(printed.split("\n").filter(Boolean).map((line) => line.split("\t").filter((_, column) => column === 0 || column === 2 || column === 3).join(" ")));
    });
    child.stdin?.end(input);
  });
}

async function asAda(path: string, method: string, body: unknown): Promise<Record<string, unknown>> {
  const post = (to: string, what: unknown, headers: Record<string, string>, how = "POST"): Promise<Response> =>
    fetch(server.url + to, { method: how, body: JSON.stringify(what), headers: { "content-type": "application/json", ...headers } });
  const { access_token: token } = (await (await post("/api/auth/login", { username: "ada", password: Password }, {})).json()) as { access_token: string };
  return (await (await post(path, body, { authorization: `Bearer ${token}` }, method)).json()) as Record<string, unknown>;
}

test("two people register and write to each other", async () => {
  [words = ""] = await shell("ada", ["register", "ada", "--name", "Ada", "--setup-token", server.setupToken]);
  expect(words.split(" ")).toHaveLength(24);
  const { code } = await asAda("/api/invites", "POST", { expires_in: 3600, max_uses: 1 });
  await shell("grace", ["register", "grace", "--name", "Grace", "--invite", String(code)]);
  expect(await shell("ada", ["send", "grace", Canary])).toEqual(["1"]);
  expect(await shell("grace", ["read", "ada"])).toEqual([`1 Ada ${Canary}`]);
  expect(await shell("grace", ["send", "ada"], "heard\nand again\n")).toEqual(["2", "3"]);
});

test("who was away finds everything after the server was started again, once and in order", async () => {
  await server.restart(async () => undefined);
  expect(await shell("ada", ["inbox"])).toEqual(["2 Grace heard", "3 Grace and again"]);
  expect(await shell("ada", ["inbox"])).toEqual([]);
  expect(await shell("ada", ["read", "grace"])).toEqual([`1 Ada ${Canary}`, "2 Grace heard", "3 Grace and again"]);
});

test("a second device is set up from the words alone, and reads what was written to a renewed key", async () => {
  await shell("ada", ["backup"]);
  await shell("second", ["restore", "ada"], words);
  expect(await shell("second", ["read", "grace"])).toHaveLength(3);
  expect(await shell("ada", ["publish", "--new"])).toEqual(["a new key"]);
  expect(await shell("grace", ["send", "ada", "to the new key"])).toEqual(["4"]);
  expect(await shell("second", ["read", "grace", "--last", "1"])).toEqual(["4 Grace to the new key"]);
  await shell("second", ["send", "grace", "from the second"]);
  expect(await shell("grace", ["read", "ada", "--last", "1"])).toEqual(["5 Ada from the second"]);
});

test("both see one safety number", async () => {
  const [number] = await shell("ada", ["safety", "grace"]);
  expect(number).toMatch(/^(\d{5} ){11}\d{5}$/);
  expect(await shell("grace", ["safety", "ada"])).toEqual([number]);
  expect(await shell("ada", ["verify", "grace"])).toEqual(["verified"]);
});

test("the server has kept and printed nothing that it could read", async () => {
  const kept = await Promise.all((await readdir(server.data, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => readFile(join(entry.parentPath, entry.name))));
  const all = Buffer.concat([...kept, Buffer.from(server.said())]);
  expect(all.includes("ada")).toBe(true);
  const canary = Buffer.from(Canary);
  for (const secret of [Canary, canary.toString("base64").slice(0, 20), canary.toString("hex"), "to the new key", words.slice(0, 40)]) expect(all.includes(secret), secret).toBe(false);
});
