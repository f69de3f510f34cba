import type { Sealed } from "../crypto/correspondence";
import { fromHex, hexOf } from "../wire/hex";

/** A sealed message that the server may not have yet. */
export interface Sealing {
  readonly conversationId: string;
  readonly clientId: string;
  readonly sealed: Sealed;
}

const Parts = ["payload", "nonce", "ephemeral", "messageId"] as const;

/**
 * What was sealed and not yet taken, kept on this device: each has its number among those that the other side counts, so
 * one that went with the page would be missing for ever. No text lies here, only what the server is sent anyway.
 */
export class Sealings {
  private readonly prefix: string;

  constructor(
    userId: string,
    private readonly storage: Storage,
  ) {
    this.prefix = `united.sealed.${userId}.`;
  }

  add({ conversationId, clientId, sealed }: Sealing): void {
    const bytes = Object.fromEntries(Parts.map((part) => [part, hexOf(sealed[part])]));
    try {
      this.storage.setItem(this.prefix + clientId, JSON.stringify({ conversationId, sentAt: sealed.sentAt, ...bytes }));
    } catch {
      // A full storage costs the survival of a reload, not the message.
    }
  }

  remove(clientId: string): void {
    this.storage.removeItem(this.prefix + clientId);
  }

  /** In the order in which they were sealed, which is that of their numbers. */
  of(conversationId: string): Sealing[] {
    const keys = Array.from({ length: this.storage.length }, (_, at) => this.storage.key(at) ?? "").filter((key) => key.startsWith(this.prefix));
    const all = keys.flatMap((key) => sealingOf(key.slice(this.prefix.length), this.storage.getItem(key) ?? "") ?? []);
    return all.filter((one) => one.conversationId === conversationId).toSorted((a, b) => (a.clientId < b.clientId ? -1 : 1));
  }
}

/** Null where it is not what was written here. */
function sealingOf(clientId: string, json: string): Sealing | null {
  try {
    const { conversationId, sentAt, ...parts } = JSON.parse(json) as { conversationId: string; sentAt: number } & Record<(typeof Parts)[number], string>;
    const [payload, nonce, ephemeral, messageId] = Parts.map((part) => fromHex(parts[part], parts[part].length / 2));
    return payload && nonce && ephemeral && messageId ? { conversationId, clientId, sealed: { payload, nonce, ephemeral, messageId, sentAt } } : null;
  } catch {
    return null;
  }
}
