/** A value that changes, outside React: snapshots are immutable, and listeners hear of a change only if there is one. */
export class Store<T> {
  private readonly listeners = new Set<() => void>();

  constructor(private value: T) {}

  readonly get = (): T => this.value;

  set(next: T): void {
    if (Object.is(next, this.value)) return;
    this.value = next;
    for (const listener of Array.from(this.listeners)) listener();
  }

  update(change: (value: T) => T): void {
    this.set(change(this.value));
  }

  /** Replaces some fields of a snapshot that is a record. */
  merge(part: Partial<T>): void {
    const changed = (Object.keys(part) as (keyof T)[]).some((name) => !Object.is(part[name], this.value[name]));
    if (changed) this.set({ ...this.value, ...part });
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  };
}
