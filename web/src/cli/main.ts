import { homedir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline/promises";
import { parseArgs } from "node:util";
import { Engine } from "../crypto/Engine";
import { isProblem, Problem } from "../wire/problem";
import { Account } from "./Account";
import { commands, Usage, type Wishes } from "./commands";
import { FileSafe } from "./FileSafe";
import { Remote } from "./Remote";

const options = {
  server: { type: "string" }, home: { type: "string" }, name: { type: "string" }, invite: { type: "string" },
  "setup-token": { type: "string" }, last: { type: "string" }, new: { type: "boolean" }, passphrase: { type: "boolean" }, replace: { type: "boolean" },
} as const;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const [name, ...given] = positionals;
  if (name === undefined) throw new Misused();
  const command = commands[name];
  if (command === undefined) throw new Misused(`There is no command ${name}.`);
  const server = values.server ?? process.env["UNITED_URL"] ?? "";
  if (!URL.canParse(server)) throw new Misused(server === "" ? "Which server? Say --server URL, or set UNITED_URL." : `${server} is not an address such as https://chat.example.org.`);
  const home = values.home ?? process.env["UNITED_DM_HOME"] ?? join(homedir(), ".united-dm");
  const account = new Account(new Engine(new FileSafe(home)), new Remote(server.replace(/\/+$/, "")));
  const wishes: Wishes = {
    ...values, password: process.env["UNITED_PASSWORD"], print: (line) => void process.stdout.write(`${line}\n`), input,
    wait: (time) => new Promise((resolve) => setTimeout(resolve, time)),
  };
  await command(account, given, wishes);
  return 0;
}

/** What was typed is no command: why not, if there is more to say than how it is used. */
class Misused extends Error {}

const input = (): AsyncIterable<string> => createInterface({ input: process.stdin, crlfDelay: Infinity });

/** In one sentence what went wrong. */
function told(error: unknown): string {
  if (isProblem(error, "network", "timeout")) return "The server cannot be reached.";
  if (error instanceof Problem) return `${error.code}: ${error.message}`;
  return error instanceof Error ? error.message : String(error);
}

const isMisuse = (error: unknown): boolean => error instanceof Misused || (error instanceof TypeError && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS"));

main().then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    const words = [told(error), isMisuse(error) ? Usage : ""].filter(Boolean).join("\n\n");
    process.stderr.write(`${words.trimEnd()}\n`);
    process.exitCode = isMisuse(error) ? 2 : 1;
  },
);
