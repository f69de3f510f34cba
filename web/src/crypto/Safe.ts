import type { Bytes } from "./bytes";

/** Where a device keeps its state: named records, and turns for whoever changes them. */
export interface Safe {
  read(name: string): Promise<Bytes | null>;
  names(): Promise<string[]>;
  /** All of it or nothing; null removes a record. Settled only when it is kept. */
  write(changes: ReadonlyMap<string, Bytes | null>): Promise<void>;
  /** Runs `work` while nobody else does, in this process or another that shares the records. */
  alone<T>(work: () => Promise<T>): Promise<T>;
}

/** One after the other, within this process. */
export class Turns {
  private last: Promise<unknown> = Promise.resolve();

  take<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.last.then(work);
    this.last = turn.catch(() => undefined);
    return turn;
  }
}
