import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
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

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
