import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { base64Of, type Bytes, fromBase64 } from "../crypto/bytes";
import type { Safe } from "../crypto/Safe";

/**
 * State in one file that only its owner may read, like an SSH key without a passphrase. Programs on the same folder take turns
 * by a lock file with the number of the process that holds it; one whose process is gone is put aside.
 */
export class FileSafe implements Safe {
  private readonly file: string;
  private readonly lock: string;

  constructor(private readonly folder: string) {
    this.file = join(folder, "state.json");
    this.lock = join(folder, "lock");
  }

  async read(name: string): Promise<Bytes | null> {
    return (await this.records()).get(name) ?? null;
  }

  async names(): Promise<string[]> {
    return [...(await this.records()).keys()];
  }

  async write(changes: ReadonlyMap<string, Bytes | null>): Promise<void> {
    const records = await this.records();
    for (const [name, record] of changes) {
      if (record === null) records.delete(name);
      else records.set(name, record);
    }
    const text = JSON.stringify(Object.fromEntries([...records].map(([name, record]) => [name, base64Of(record)])));
    const next = await open(`${this.file}.next`, "w", 0o600);
    await next.writeFile(text);
    await next.sync();
    await next.close();
    await rename(`${this.file}.next`, this.file);
  }

  async alone<T>(work: () => Promise<T>): Promise<T> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    await this.take();
    try {
      return await work();
    } finally {
      await rm(this.lock, { force: true });
    }
  }

  private async take(): Promise<void> {
    const until = Date.now() + PatientFor;
    while (!(await this.taken())) {
      if (Date.now() > until) throw new Error(`${this.lock} is held by another program`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  private async taken(): Promise<boolean> {
    try {
      const file = await open(this.lock, "wx", 0o600);
      await file.writeFile(String(process.pid));
      await file.close();
      return true;
    } catch (error) {
      if (codeOf(error) !== "EEXIST") throw error;
      const holder = Number(await readFile(this.lock, "utf8").catch(() => ""));
      if (holder > 0 && holder !== process.pid && !isAlive(holder)) await rm(this.lock, { force: true });
      return false;
    }
  }

  private async records(): Promise<Map<string, Bytes>> {
    const text = await readFile(this.file, "utf8").catch((error: unknown) => {
      if (codeOf(error) === "ENOENT") return "{}";
      throw error;
    });
    const records = Object.entries(JSON.parse(text) as Record<string, string>);
    return new Map(records.map(([name, record]) => [name, fromBase64(record) ?? new Uint8Array(0)]));
  }
}

const PatientFor = 10_000;

const codeOf = (error: unknown): unknown => (error as { code?: unknown }).code;

function isAlive(id: number): boolean {
  try {
    return process.kill(id, 0);
  } catch (error) {
    return codeOf(error) === "EPERM";
  }
}
