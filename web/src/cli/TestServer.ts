import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { fromBase64, fromHex, hexOf, join, lp, randomBytes, u64, utf8 } from "../crypto/bytes";
import { isSoundAgreementKey, verifies } from "../crypto/curve";

type Fields = { readonly [name: string]: unknown };

interface Person {
  readonly id: string;
  readonly username: string;
  readonly displayName: string;
  publicKey: string;
  readonly formerKeys: string[];
  readonly password: string;
  vault: { readonly blob: Buffer; readonly version: number } | null;
  key: Fields | null;
  waiting: Fields[];
}

interface Call {
  readonly me: Person;
  readonly path: string[];
  readonly query: URLSearchParams;
  readonly body: Fields;
  readonly raw: Buffer;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** What a server with the routes of the specification does and checks, in memory: enough to try the command line against. */
export class TestServer {
  readonly people: Person[] = [];
  readonly talks: { id: string; keys: [string, string]; messages: Fields[] }[] = [];
  /** Every body that came in, as bytes: whoever looks for a canary looks here. */
  readonly heard: Buffer[] = [];
  /** How many of the next messages are stored without an answer. */
  silent = 0;
  /** How many messages of each conversation have waited too long. */
  expired = 0;
  readonly signedIn = new Map<string, Person>();
  private readonly challenges = new Map<string, { nonce: Uint8Array; expiresAt: number; publicKey: string }>();
  private readonly server: Server;

  private constructor() {
    this.server = createServer((request, response) => void this.answer(request, response));
  }

  static async start(): Promise<TestServer> {
    const server = new TestServer();
    await new Promise<void>((resolve) => server.server.listen(0, "127.0.0.1", resolve));
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): Promise<unknown> {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(resolve));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const raw = Buffer.concat(await request.toArray() as Buffer[]);
    this.heard.push(raw);
    const url = new URL(request.url ?? "", this.url);
    const path = url.pathname.split("/").slice(2);
    try {
      const body = request.headers["content-type"] === "application/json" ? (JSON.parse(raw.toString()) as Fields) : {};
      const answer = path[0] === "auth" ? this.auth(path[1] ?? "", body, request) : this.call({ me: this.caller(request), path, query: url.searchParams, body, raw, request, response });
      if (answer === Lost) return void request.socket.destroy();
      reply(response, answer === null ? 204 : 200, answer);
    } catch (refusal) {
      const [status, code] = refusal instanceof Wrong ? [refusal.status, refusal.code] : [500, String(refusal)];
      reply(response, status, { code, title: code });
    }
  }

  private auth(what: string, body: Fields, request: IncomingMessage): Fields | Buffer | null {
    if (what === "challenge") {
      const id = crypto.randomUUID();
      const challenge = { nonce: randomBytes(32), expiresAt: Date.now() + 60_000, publicKey: matching(body, "public_key", /^[0-9a-f]{64}$/) };
      this.challenges.set(id, challenge);
      return { challenge_id: id, nonce: hexOf(challenge.nonce), server_id: ServerId, expires_at: challenge.expiresAt };
    }
    if (what === "logout") return (this.signedIn.delete(request.headers.authorization ?? ""), null);
    if (what === "login") return this.enter(this.people.find(({ username, password }) => username === body["username"] && password !== "" && password === body["password"]));
    const publicKey = this.proved(body);
    if (what === "verify") return this.enter(this.people.find((one) => one.publicKey === publicKey));
    const username = matching(body, "username", /^[a-z0-9_.-]{2,32}$/);
    if (this.people.some((one) => one.username === username)) throw new Wrong(409, "username_taken");
    const person: Person = {
      id: crypto.randomUUID(), username, displayName: matching(body, "display_name", /^.{1,64}$/), publicKey,
      formerKeys: [], password: String(body["password"] ?? ""), vault: null, key: null, waiting: [],
    };
    this.people.push(person);
    return this.enter(person);
  }

  private proved(body: Fields): string {
    const publicKey = matching(body, "public_key", /^[0-9a-f]{64}$/);
    const id = String(body["challenge_id"]);
    const challenge = this.challenges.get(id);
    this.challenges.delete(id);
    const [key, signature] = [fromHex(publicKey, 32), fromHex(String(body["signature"]), 64)];
    if (challenge?.publicKey !== publicKey || key === null || signature === null) throw new Wrong(401, "signature_invalid");
    const signed = join(utf8("\0united/login/v1"), lp(utf8(this.url)), lp(utf8(ServerId)), challenge.nonce, key, u64(challenge.expiresAt));
    if (!verifies(signature, signed, key)) throw new Wrong(401, "signature_invalid");
    return publicKey;
  }

  private enter(person: Person | undefined): Fields {
    if (person === undefined) throw new Wrong(401, "credentials_invalid");
    const token = crypto.randomUUID();
    this.signedIn.set(`Bearer ${token}`, person);
    return { user: userOf(person), access_token: token, refresh_token: "r", expires_in: 600 };
  }

  private caller({ headers }: IncomingMessage): Person {
    const person = this.signedIn.get(headers.authorization ?? "");
    if (person === undefined) throw new Wrong(401, "unauthorized");
    return person;
  }

  private call(call: Call): Fields | Fields[] | Buffer | null | typeof Lost {
    const { path, me, query } = call;
    const method = call.request.method ?? "";
    switch (`${method} ${path.slice(0, 2).join("/")}`) {
      case "GET users":
        return { items: this.people.filter(({ username }) => username.includes(query.get("query") ?? "")).map(userOf) };
      case "GET users/me":
      case "PUT users/me":
        return path[2] === "public-key" ? this.rekey(me, call.body) : method === "GET" ? readVault(call) : writeVault(call);
      case "POST dm/keys":
        return (me.key = publishedBy(me, call.body));
      case "GET dm/keys":
        return this.people.find(({ publicKey }) => publicKey === path[2])?.key ?? missing();
      case "POST dm/conversations":
        return this.converse(me, matching(call.body, "recipient_pubkey", /^[0-9a-f]{64}$/));
      case "GET dm/conversations":
        return this.talks.filter(({ keys }) => [me.publicKey, ...me.formerKeys].some((key) => keys.includes(key))).map((talk) => this.shapeOf(talk));
      case "POST dm/messages":
        return this.post(me, call.body);
      case "GET dm/messages":
        return this.history(me, path[2] ?? "", query);
      case "GET dm/offline":
        return query.get("ack") === "explicit" ? me.waiting.slice(0, 500) : me.waiting.splice(0, 500);
      case "POST dm/offline":
        return acknowledge(me, call.body["message_ids"]);
      default:
        return missing();
    }
  }

  /** As if a moderator had released the key before. */
  private rekey(me: Person, body: Fields): null {
    const publicKey = this.proved(body);
    me.formerKeys.push(me.publicKey);
    Object.assign(me, { publicKey, key: null });
    return null;
  }

  private converse(me: Person, other: string): Fields {
    if (other === me.publicKey || !this.people.some(({ publicKey }) => publicKey === other)) return missing();
    const keys = [me.publicKey, other].toSorted() as [string, string];
    const known = this.talks.find((talk) => talk.keys.join() === keys.join());
    const talk = known ?? { id: crypto.randomUUID(), keys, messages: [] };
    if (known === undefined) this.talks.push(talk);
    return this.shapeOf(talk);
  }

  private shapeOf({ id, keys, messages }: TestServer["talks"][number]): Fields {
    const [a, b] = keys.map((key) => this.people.find(({ publicKey }) => publicKey === key)?.displayName ?? "");
    return {
      id, participant_a_pubkey: keys[0], participant_b_pubkey: keys[1], participant_a_display_name: a, participant_b_display_name: b,
      created_at: 0, last_message_at: 0, last_message_preview: "", last_sequence: messages.length, unread_count: 0, expired_count: this.expired,
    };
  }

  private post(me: Person, body: Fields): Fields | typeof Lost {
    const talk = this.talks.find(({ id, keys }) => id === body["conversation_id"] && keys.includes(me.publicKey)) ?? missing();
    const [payload, nonce, ephemeral] = ["encrypted_payload", "nonce", "ephemeral_pubkey"].map((name) => fromBase64(String(body[name])) ?? invalid(name));
    if (nonce?.length !== 24 || ephemeral?.length !== 32 || !payload?.length || payload.length > 96 * 1024) return invalid("encrypted_payload");
    matching(body, "client_id", /^[\x20-\x7e]{1,64}$/);
    if (typeof body["timestamp"] !== "number") return invalid("timestamp");
    const again = talk.messages.find((one) => one["sender_id"] === me.id && one["nonce"] === body["nonce"]);
    if (again !== undefined && again["encrypted_payload"] !== body["encrypted_payload"]) throw new Wrong(409, "conflict");
    const message = again ?? {
      ...body, id: crypto.randomUUID(), sender_pubkey: me.publicKey, sender_id: me.id, sender_display_name: me.displayName,
      server_sequence: talk.messages.length + 1, revision: talk.messages.length + 1,
    };
    if (again === undefined) {
      talk.messages.push(message);
      this.people.find(({ publicKey }) => publicKey !== me.publicKey && talk.keys.includes(publicKey))?.waiting.push(message);
    }
    return this.silent-- > 0 ? Lost : message;
  }

  private history(me: Person, id: string, query: URLSearchParams): Fields {
    const talk = this.talks.find((one) => one.id === id && one.keys.includes(me.publicKey)) ?? missing();
    const before = Number(query.get("before") ?? Number.MAX_SAFE_INTEGER);
    const older = talk.messages.filter((one) => Number(one["server_sequence"]) < before).toReversed();
    const limit = Number(query.get("limit") ?? 50);
    return { messages: older.slice(0, limit), has_more: older.length > limit };
  }
}

const ServerId = "ab".repeat(32);
const Lost = Symbol("no answer");

class Wrong extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
  ) {
    super(code);
  }
}

const missing = (): never => {
  throw new Wrong(404, "not_found");
};
const invalid = (field: string): never => {
  throw new Wrong(400, `validation_failed ${field}`);
};

function matching(body: Fields, name: string, shape: RegExp): string {
  const value = body[name];
  return typeof value === "string" && shape.test(value) ? value : invalid(name);
}

const userOf = ({ id, username, displayName, publicKey }: Person): Fields => ({ id, username, display_name: displayName, public_key: publicKey });

function publishedBy(me: Person, body: Fields): Fields {
  const key = fromHex(matching(body, "x25519_pubkey", /^[0-9a-f]{64}$/), 32);
  if (key === null || !isSoundAgreementKey(key)) return invalid("x25519_pubkey");
  if (fromBase64(matching(body, "key_id", /^.+$/))?.length !== 8 || fromBase64(matching(body, "signature", /^.+$/))?.length !== 64) return invalid("signature");
  return { ...body, ed25519_pubkey: me.publicKey, published_at: 0 };
}

function readVault({ me, response }: Call): Buffer {
  if (me.vault === null) return missing();
  response.setHeader("etag", `"${me.vault.version}"`);
  return me.vault.blob;
}

function writeVault({ me, raw, request, response }: Call): null {
  const replaces = Number(/^"(\d+)"$/.exec(request.headers["if-match"] ?? '"0"')?.[1]);
  if (replaces !== (me.vault?.version ?? 0)) throw new Wrong(412, "precondition_failed");
  if (request.headers["content-type"] !== "application/octet-stream" || raw.length > 64 * 1024) return invalid("blob");
  me.vault = { blob: raw, version: replaces + 1 };
  response.setHeader("etag", `"${me.vault.version}"`);
  return null;
}

function acknowledge(me: Person, ids: unknown): Fields {
  if (!Array.isArray(ids)) return invalid("message_ids");
  const before = me.waiting.length;
  me.waiting = me.waiting.filter((one) => !ids.includes(one["id"]));
  return { acknowledged: before - me.waiting.length };
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  response.statusCode = status;
  response.setHeader("content-type", body instanceof Buffer ? "application/octet-stream" : "application/json");
  response.end(body === null ? undefined : body instanceof Buffer ? body : JSON.stringify(body));
}
