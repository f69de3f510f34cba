import type { Bytes } from "./bytes";
import { type Safe, Turns } from "./Safe";

/** State that lives as long as the process does. */
export class MemorySafe implements Safe {
  private readonly records = new Map<string, Bytes>();
  private readonly turns = new Turns();

  async read(name: string): Promise<Bytes | null> {
    const record = this.records.get(name);
    return record === undefined ? null : record.slice();
  }

  async names(): Promise<string[]> {
    return [...this.records.keys()];
  }

  async write(changes: ReadonlyMap<string, Bytes | null>): Promise<void> {
    for (const [name, record] of changes) {
      if (record === null) this.records.delete(name);
      else this.records.set(name, record.slice());
    }
  }

  alone<T>(work: () => Promise<T>): Promise<T> {
    return this.turns.take(work);
  }
}
