import { homedir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline/promises";
import { parseArgs } from "node:util";
import { Engine } from "../crypto/Engine";
import { Problem } from "../wire/problem";
import { Refused } from "../crypto/Correspondent";
import { Account } from "./Account";
import { commands, Usage, type Wishes } from "./commands";
import { FileSafe } from "./FileSafe";
import { Remote } from "./Remote";

const options = {
  server: { type: "string" }, home: { type: "string" }, name: { type: "string" }, invite: { type: "string" },
  "setup-token": { type: "string" }, last: { type: "string" }, new: { type: "boolean" }, passphrase: { type: "boolean" }, replace: { type: "boolean" },
} as const;

async function main(): Promise<number> {
  const { values, positionals } = parsed();
  const [name = "", ...given] = positionals;
  const command = commands[name];
  const server = values.server ?? process.env["UNITED_URL"];
  if (command === undefined || server === undefined) {
    process.stderr.write(Usage);
    return 2;
  }
  const home = values.home ?? process.env["UNITED_DM_HOME"] ?? join(homedir(), ".united-dm");
  const account = new Account(new Engine(new FileSafe(home)), new Remote(server.replace(/\/+$/, "")));
  const wishes: Wishes = {
    ...values, password: process.env["UNITED_PASSWORD"], print: (line) => void process.stdout.write(`${line}\n`), input,
    wait: (time) => new Promise((resolve) => setTimeout(resolve, time)),
  };
  await command(account, given, wishes);
  return 0;
}

function parsed(): ReturnType<typeof parseArgs<{ options: typeof options; allowPositionals: true }>> {
  try {
    return parseArgs({ options, allowPositionals: true });
  } catch {
    return { values: {}, positionals: [] };
  }
}

const input = (): AsyncIterable<string> => createInterface({ input: process.stdin, crlfDelay: Infinity });

main().then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    const known = error instanceof Problem ? `${error.code}: ${error.message}` : error instanceof Refused ? error.message : String(error);
    process.stderr.write(`${known}\n`);
    process.exitCode = 1;
  },
);
