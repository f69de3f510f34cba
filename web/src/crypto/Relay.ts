import { type HttpOptions, type Method } from "../wire/Http";
import { Problem, problemOf } from "../wire/problem";
import { base64Of, fromBase64, fromHex, hexOf } from "./bytes";
import type { Incoming, Sealed } from "./correspondence";
import type { OfferedKey, PublishedKey } from "./published";

export interface Challenge {
  readonly id: string;
  readonly nonce: string;
  readonly serverId: string;
  readonly expiresAt: number;
}

export interface Proof {
  readonly publicKey: Uint8Array;
  readonly challengeId: string;
  readonly signature: Uint8Array;
}

export interface Talk {
  readonly id: string;
  readonly participants: readonly { readonly publicKey: Uint8Array; readonly name: string }[];
  readonly unread: number;
  /** What waited for longer than the server lets anything wait: it stands in the history alone. */
  readonly expired: number;
}

/** A stored message; null where there is nothing in it any more. */
export interface Letter {
  readonly id: string;
  readonly conversationId: string;
  readonly sequence: number;
  readonly senderId: string;
  readonly senderName: string;
  /** What its author named it by, empty if not at all. */
  readonly clientId: string;
  readonly incoming: Incoming | null;
}

/** What a server does for encrypted conversations, call by call. Who calls, and by which token, says whoever extends it. */
export abstract class Relay {
  /** As REST answers it; what is refused is thrown as a {@link Problem}. */
  protected abstract call(method: Method, path: string, options?: HttpOptions): Promise<unknown>;
  protected abstract bearer(): Promise<Readonly<Record<string, string>>>;
  /** In front of every path, and what is signed: a page may leave the first empty. */
  protected abstract readonly server: string;
  abstract readonly origin: string;

  async challenge(publicKey: Uint8Array): Promise<Challenge> {
    const answer = await this.post("/api/auth/challenge", { public_key: hexOf(publicKey) });
    return { id: text(answer, "challenge_id"), nonce: text(answer, "nonce"), serverId: text(answer, "server_id"), expiresAt: count(answer, "expires_at") };
  }

  /** Makes an identity key that of the account, or puts it in the place of one that a moderator has released. */
  async introduce(proof: Proof): Promise<void> {
    await this.call("PUT", "/api/users/me/public-key", { body: proofOf(proof) });
  }

  /** The stored vault and its version, or null if there is none. */
  async backup(): Promise<{ readonly blob: Uint8Array; readonly version: number } | null> {
    const response = await this.keyBackup({ headers: await this.bearer() });
    if (response.status === 404) return null;
    if (!response.ok) throw await problemOf(response);
    return { blob: new Uint8Array(await response.arrayBuffer()), version: versionOf(response) };
  }

  /** @param replaces The version of {@link backup}, 0 if there is none. False where another device was faster. */
  async storeBackup(blob: Uint8Array<ArrayBuffer>, replaces: number): Promise<boolean> {
    const replacing: Record<string, string> = replaces === 0 ? {} : { "if-match": `"${replaces}"` };
    const headers = { ...(await this.bearer()), "content-type": "application/octet-stream", ...replacing };
    const response = await this.keyBackup({ method: "PUT", body: blob, headers });
    if (!response.ok && response.status !== 412) throw await problemOf(response);
    return response.ok;
  }

  async publish({ key, keyId, createdAt, expiresAt, signature }: PublishedKey): Promise<void> {
    await this.post("/api/dm/keys", {
      x25519_pubkey: hexOf(key), key_id: base64Of(keyId), created_at: createdAt, expires_at: expiresAt, signature: base64Of(signature),
    });
  }

  async keyOf(identity: Uint8Array): Promise<OfferedKey | null> {
    const answer = (await this.call("GET", `/api/dm/keys/${hexOf(identity)}`).catch(nullIfMissing)) as Json | null;
    if (answer === null) return null;
    const key = hexBytes(answer, "x25519_pubkey", 32);
    if (answer["signature"] === undefined || answer["signature"] === null) return { key };
    return { key, keyId: bytes(answer, "key_id"), createdAt: count(answer, "created_at"), expiresAt: count(answer, "expires_at"), signature: bytes(answer, "signature") };
  }

  async converse(identity: Uint8Array): Promise<string> {
    return text(await this.post("/api/dm/conversations", { recipient_pubkey: hexOf(identity) }), "id");
  }

  async talks(): Promise<Talk[]> {
    return items(await this.call("GET", "/api/dm/conversations"), null).map((json) => ({
      id: text(json, "id"),
      participants: ["a", "b"].map((side) => ({ publicKey: hexBytes(json, `participant_${side}_pubkey`, 32), name: text(json, `participant_${side}_display_name`) })),
      unread: count(json, "unread_count"),
      expired: count(json, "expired_count"),
    }));
  }

  async send(conversationId: string, { payload, nonce, ephemeral, sentAt }: Sealed, clientId: string): Promise<Letter> {
    return letterOf(await this.post("/api/dm/messages", {
      conversation_id: conversationId, encrypted_payload: base64Of(payload), nonce: base64Of(nonce), ephemeral_pubkey: base64Of(ephemeral),
      timestamp: sentAt, client_id: clientId,
    }));
  }

  async page(conversationId: string, before: number | null, limit: number): Promise<{ readonly letters: Letter[]; readonly more: boolean }> {
    const answer = (await this.call("GET", `/api/dm/messages/${conversationId}?limit=${limit}${before === null ? "" : `&before=${before}`}`)) as Json;
    return { letters: items(answer, "messages").map(letterOf), more: answer["has_more"] === true };
  }

  async waiting(): Promise<Letter[]> {
    return items(await this.call("GET", "/api/dm/offline?ack=explicit"), null).map(letterOf);
  }

  async acknowledge(ids: readonly string[]): Promise<number> {
    return count(await this.post("/api/dm/offline/ack", { message_ids: ids }), "acknowledged");
  }

  protected async post(path: string, body: unknown): Promise<Json> {
    return ((await this.call("POST", path, body === undefined ? {} : { body })) ?? {}) as Json;
  }

  private async keyBackup(what: RequestInit): Promise<Response> {
    return fetch(`${this.server}/api/users/me/key-backup`, { ...what, signal: AbortSignal.timeout(15_000) }).catch(() => {
      throw new Problem("network", 0);
    });
  }
}

export type Json = { readonly [name: string]: unknown };

export const proofOf = ({ publicKey, challengeId, signature }: Proof): Json => ({
  public_key: hexOf(publicKey), challenge_id: challengeId, signature: hexOf(signature),
});

const letterOf = (json: Json): Letter => ({
  id: text(json, "id"),
  conversationId: text(json, "conversation_id"),
  sequence: count(json, "server_sequence"),
  senderId: text(json, "sender_id"),
  senderName: text(json, "sender_display_name"),
  clientId: typeof json["client_id"] === "string" ? json["client_id"] : "",
  incoming: json["deleted"] === true ? null : {
    sequence: count(json, "server_sequence"), sender: hexBytes(json, "sender_pubkey", 32), payload: bytes(json, "encrypted_payload"),
    nonce: bytes(json, "nonce"), ephemeral: bytes(json, "ephemeral_pubkey"), timestamp: count(json, "timestamp"),
  },
});

function nullIfMissing(error: unknown): null {
  if (error instanceof Problem && error.status === 404) return null;
  throw error;
}

function versionOf(response: Response): number {
  const version = Number(response.headers.get("etag")?.match(/^"(\d+)"$/)?.[1]);
  if (!Number.isSafeInteger(version)) throw unreadable("etag");
  return version;
}

// What a server sends is read strictly: what is not as the specification says is `unreadable`.

const unreadable = (name: string): Problem => new Problem("unreadable", 502, name);

export function text(json: Json, name: string): string {
  const value = json[name];
  if (typeof value !== "string") throw unreadable(name);
  return value;
}

export function count(json: Json, name: string): number {
  const value = json[name];
  if (typeof value !== "number" || !Number.isSafeInteger(value)) throw unreadable(name);
  return value;
}

function bytes(json: Json, name: string): Uint8Array {
  const value = fromBase64(text(json, name));
  if (value === null) throw unreadable(name);
  return value;
}

function hexBytes(json: Json, name: string, length: number): Uint8Array {
  const value = fromHex(text(json, name), length);
  if (value === null) throw unreadable(name);
  return value;
}

export function items(answer: unknown, name: string | null): Json[] {
  const list = name === null ? answer : (answer as Json)[name];
  if (!Array.isArray(list)) throw unreadable(name ?? "answer");
  return list as Json[];
}
