/** The browser's storage; what it has no room for, or may not keep at all, lives as long as the page. */
export class KeptStorage implements Storage {
  private readonly unkept = new Map<string, string>();
  private readonly disk: Storage | null;

  /** @param disk Throws where the browser refuses its storage to this page. */
  constructor(disk: () => Storage) {
    try {
      this.disk = disk();
    } catch {
      this.disk = null;
    }
  }

  get length(): number {
    return this.keys().length;
  }

  key(at: number): string | null {
    return this.keys()[at] ?? null;
  }

  getItem(key: string): string | null {
    return this.unkept.get(key) ?? this.disk?.getItem(key) ?? null;
  }

  setItem(key: string, value: string): void {
    this.unkept.set(key, value);
    try {
      if (this.disk === null) return;
      this.disk.setItem(key, value);
      this.unkept.delete(key);
    } catch {
      // Full: what was there before stays on the disk, and what holds is in memory.
    }
  }

  removeItem(key: string): void {
    this.unkept.delete(key);
    this.disk?.removeItem(key);
  }

  clear(): void {
    this.unkept.clear();
    this.disk?.clear();
  }

  private keys(): string[] {
    const { disk } = this;
    const kept = disk === null ? [] : Array.from({ length: disk.length }, (_, at) => disk.key(at) ?? "");
    return [...new Set([...kept, ...this.unkept.keys()])];
  }
}
