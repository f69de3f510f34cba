import { spawn, type ChildProcess } from "node:child_process";
import { randomInt } from "node:crypto";
import { existsSync, statSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface RunningServer {
  readonly url: string;
  /** The token of the set-up link that it printed. */
  readonly setupToken: string;
  /** The folder with everything that it keeps. */
  readonly data: string;
  /** All that it has printed. */
  readonly said: () => string;
  /** Ends it as an operator would, and starts it again on the same data and address. */
  readonly restart: (whileDown: () => Promise<void>) => Promise<void>;
  readonly stop: () => Promise<void>;
}

const StartsWithin = 60_000;

/** What is set for these tests is no setting of the server's. */
const foreign = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("UNITED_")));

/** The real server on a free port with data of its own, from the newest build there is. */
export async function startServer(): Promise<RunningServer> {
  const data = await mkdtemp(join(tmpdir(), "united-e2e-"));
  const url = `http://127.0.0.1:${await freePort()}`;
  const program = newestBuild();
  let running = await started(program, url, data);
  let before = "";
  return {
    url,
    setupToken: running.setupToken,
    data,
    said: () => before + running.said(),
    restart: async (whileDown) => {
      await ended(running.process);
      before += running.said();
      await whileDown();
      running = await started(program, url, data);
    },
    stop: async () => {
      await ended(running.process);
      await rm(data, { recursive: true, force: true });
    },
  };
}

function newestBuild(): string {
  const builds = ["release", "debug"].map((kind) => join(import.meta.dirname, `../../artifacts/bin/United.Server/${kind}/united`));
  const [newest] = builds.filter((path) => existsSync(path)).toSorted((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
  if (newest === undefined) throw new Error("build the server first: ./run, or dotnet build src/United.Server");
  return newest;
}

async function started(program: string, url: string, data: string): Promise<{ process: ChildProcess; setupToken: string; said: () => string }> {
  const process = spawn(program, ["serve", "--urls", url, "--data", data], { stdio: ["ignore", "pipe", "pipe"], env: foreign });
  let said = "";
  process.stdout?.on("data", (chunk: Buffer) => (said += chunk.toString()));
  process.stderr?.on("data", (chunk: Buffer) => (said += chunk.toString()));
  const until = Date.now() + StartsWithin;
  while (!said.includes("United is ready") || !(await answers(url))) {
    if (process.exitCode !== null || Date.now() > until) throw new Error(`the server did not start:\n${said}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return { process, setupToken: said.match(/\/setup[?#]token=([\w-]+)/)?.[1] ?? "", said: () => said };
}

const answers = (url: string): Promise<boolean> => fetch(`${url}/health/ready`).then(({ ok }) => ok, () => false);

async function ended(process: ChildProcess): Promise<void> {
  if (process.exitCode !== null) return;
  const exit = new Promise((resolve) => process.once("exit", resolve));
  process.kill("SIGTERM");
  await exit;
}

/** As LoopbackPort of the .NET tests does it: one that no outgoing connection takes, claimed by the odd one beside it. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = 2 * randomInt(10_000, 16_000);
    const claim = await listening(port + 1);
    const free = claim && (await listening(port));
    if (free) {
      await new Promise((resolve) => free.close(resolve));
      claim.unref();
      return port;
    }
    claim?.close();
  }
}

function listening(port: number): Promise<Server | null> {
  return new Promise((resolve) => {
    const server = createServer().once("error", () => resolve(null));
    server.listen(port, "127.0.0.1", () => resolve(server));
  });
}
