import { Store } from "./Store";

/**
 * What was written and not sent, per conversation. Outlives navigation, reloads and a session that the server ended.
 * A composer shows its draft and nothing else, so no text lives in a screen alone.
 */
export class Drafts {
  readonly state: Store<ReadonlyMap<string, string>>;
  private readonly prefix: string;

  constructor(
    userId: string,
    private readonly storage: Storage,
  ) {
    this.prefix = `united.draft.${userId}.`;
    const keys = this.keys();
    this.state = new Store(new Map(keys.map((key) => [key.slice(this.prefix.length), storage.getItem(key) ?? ""])));
  }

  /** @param kept Whether it may lie on this device: what is to be sealed stays in memory. */
  set(conversationId: string, text: string, kept = true): void {
    const next = new Map(this.state.get());
    if (text === "") next.delete(conversationId);
    else next.set(conversationId, text);
    this.state.set(next);
    if (!kept) return;
    try {
      if (text === "") this.storage.removeItem(this.prefix + conversationId);
      else this.storage.setItem(this.prefix + conversationId, text);
    } catch {
      // A full storage costs the survival of a reload, not the text.
    }
  }

  /** Puts a text that came back before whatever has been written since. */
  giveBack(conversationId: string, text: string, kept = true): void {
    const written = this.state.get().get(conversationId) ?? "";
    this.set(conversationId, written === "" ? text : `${text}\n${written}`, kept);
  }

  clear(): void {
    for (const key of this.keys()) this.storage.removeItem(key);
    this.state.set(new Map());
  }

  private keys(): string[] {
    const all = Array.from({ length: this.storage.length }, (_, at) => this.storage.key(at) ?? "");
    return all.filter((key) => key.startsWith(this.prefix));
  }
}
