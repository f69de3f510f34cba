import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { eventOf, statusFrame, type Payload } from "./frames";
import { EnvelopeSchema, TypingSchema } from "./gen/ws_pb";
import * as ws from "./gen/ws_pb";
import { Problem } from "./problem";
import type { LiveEvent, PresenceStatus } from "./shapes";

/** Why a connection is over: the session with it, or only the line. `unauthorized` is a token that was refused. */
export type Closed = { readonly kind: "ended"; readonly reason: string } | { readonly kind: "unauthorized" } | { readonly kind: "lost" };

export interface Hello {
  readonly userId: string;
  readonly logEpoch: string;
  readonly contentCharacters: number;
}

export interface LinkHandlers {
  readonly opened: (hello: Hello) => void;
  readonly happened: (event: LiveEvent) => void;
  /** Once, last. */
  readonly closed: (why: Closed) => void;
}

export interface Post {
  readonly conversationId: string;
  readonly content: string;
  readonly replyToId: string | null;
  readonly clientId: string;
}

export interface Posted {
  readonly messageId: string;
  readonly sequence: number;
  readonly revision: number;
}

/** Milliseconds. The server answers a ping at once, so ten seconds of silence are a dead line. */
const AnswerWithin = 10_000;
const PingEvery = 20_000;
const Unauthorized = 4401;

/**
 * One connection of the protobuf wire, from dialling to its end; it never comes back, its successor is a new one.
 * The token goes in the first frame: a refusal can be read there, while a refused handshake tells a browser nothing.
 */
export class ProtoSocket {
  private readonly socket: WebSocket;
  private readonly waiting = new Map<string, Answer>();
  private lastRequest = 0;
  private over = false;
  private silence: ReturnType<typeof setTimeout>;
  private readonly pings: ReturnType<typeof setInterval>;

  constructor(
    url: string,
    token: string,
    private readonly handlers: LinkHandlers,
    dial: (url: string) => WebSocket = (address) => new WebSocket(address, "united.v1"),
  ) {
    this.socket = dial(url);
    this.socket.binaryType = "arraybuffer";
    this.socket.onopen = () => this.write("", { case: "tokenAuth", value: create(ws.TokenAuthSchema, { accessToken: token }) });
    this.socket.onmessage = ({ data }) => this.read(data as unknown);
    this.socket.onclose = ({ code }) => this.end(code === Unauthorized ? { kind: "unauthorized" } : Lost);
    this.socket.onerror = () => this.end(Lost);
    this.silence = this.listenFor(AnswerWithin);
    this.pings = setInterval(() => this.ping(), PingEvery);
  }

  async post(post: Post): Promise<Posted> {
    const value = create(ws.SendMessageSchema, {
      channelId: post.conversationId,
      content: post.content,
      replyToId: post.replyToId ?? "",
      clientId: post.clientId,
    });
    const answer = await this.ask({ case: "sendMessage", value });
    if (answer.case !== "sendMessageResult") throw new Problem("unreadable", 502);
    const { messageId, serverSequence, revision } = answer.value;
    return { messageId, sequence: Number(serverSequence), revision: Number(revision) };
  }

  async markRead(conversationId: string, sequence: number): Promise<void> {
    await this.ask({ case: "markRead", value: create(ws.MarkReadSchema, { conversationId, sequence: BigInt(sequence) }) });
  }

  async setPresence(status: PresenceStatus): Promise<void> {
    await this.ask({ case: "setPresence", value: create(ws.SetPresenceSchema, { status: statusFrame[status] }) });
  }

  /** A hint that may get lost: nobody waits for its answer. */
  typing(conversationId: string): void {
    this.ask({ case: "typing", value: create(TypingSchema, { channelId: conversationId }) }).catch(() => undefined);
  }

  /** Asks for a sign of life now, for instance after the machine slept. */
  ping(): void {
    this.ask({ case: "ping", value: create(ws.PingSchema) }).catch(() => this.end(Lost));
  }

  close(): void {
    this.end(Lost);
  }

  private ask(payload: Payload): Promise<Payload> {
    if (this.over || this.socket.readyState !== WebSocket.OPEN) return Promise.reject(new Problem("network", 0));
    const id = String(++this.lastRequest);
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => this.settle(id)?.reject(new Problem("timeout", 0)), AnswerWithin);
      this.waiting.set(id, { resolve, reject, late });
      this.write(id, payload);
    });
  }

  private write(requestId: string, payload: Payload): void {
    this.socket.send(toBinary(EnvelopeSchema, create(EnvelopeSchema, { requestId, payload })));
  }

  private read(data: unknown): void {
    if (this.over) return;
    const envelope = parsed(data);
    if (envelope === null) return this.end(Lost);
    const { requestId, payload } = envelope;
    const asked = this.settle(requestId);
    if (payload.case === "error") {
      const { code, fault, field, message, retryAfterMs } = payload.value;
      const problem = new Problem(fault, code, field || null, retryAfterMs || null, message);
      if (asked) asked.reject(problem);
      else if (code === 401) this.end({ kind: "unauthorized" });
    } else if (asked) asked.resolve(payload);
    else this.pushed(payload);
  }

  private pushed(payload: Payload): void {
    switch (payload.case) {
      case "authResult":
        if (!payload.value.ok) this.end({ kind: "unauthorized" });
        break;
      case "hello":
        clearTimeout(this.silence);
        this.handlers.opened({
          userId: payload.value.userId,
          logEpoch: payload.value.logEpoch,
          contentCharacters: payload.value.limits?.contentCharacters || 4000,
        });
        break;
      case "sessionEnded":
        this.end({ kind: "ended", reason: payload.value.reason });
        break;
      default: {
        const event = eventOf(payload);
        if (event) this.handlers.happened(event);
      }
    }
  }

  private settle(id: string): Answer | undefined {
    const answer = this.waiting.get(id);
    if (answer) clearTimeout(answer.late);
    this.waiting.delete(id);
    return answer;
  }

  private listenFor(time: number): ReturnType<typeof setTimeout> {
    return setTimeout(() => this.end(Lost), time);
  }

  private end(why: Closed): void {
    if (this.over) return;
    this.over = true;
    clearTimeout(this.silence);
    clearInterval(this.pings);
    for (const id of this.waiting.keys()) this.settle(id)?.reject(new Problem("network", 0));
    this.socket.close();
    this.handlers.closed(why);
  }
}

interface Answer {
  readonly resolve: (payload: Payload) => void;
  readonly reject: (problem: Problem) => void;
  readonly late: ReturnType<typeof setTimeout>;
}

function parsed(data: unknown): ws.Envelope | null {
  try {
    return data instanceof ArrayBuffer ? fromBinary(EnvelopeSchema, new Uint8Array(data)) : null;
  } catch {
    return null;
  }
}

const Lost: Closed = { kind: "lost" };
