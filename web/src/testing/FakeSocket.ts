import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { ErrorResponseSchema, EnvelopeSchema, HelloSchema, LimitsSchema, type Envelope } from "../wire/gen/ws_pb";

type Payload = Envelope["payload"];
type ValueOf<C> = Extract<Payload, { case: C }>["value"];

/** The browser's end of a WebSocket whose other end is the test. */
export class FakeSocket {
  static readonly all: FakeSocket[] = [];
  readyState: number = WebSocket.CONNECTING;
  binaryType = "blob";
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  onerror: (() => void) | null = null;
  readonly sent: Envelope[] = [];

  constructor(readonly url = "") {
    FakeSocket.all.push(this);
  }

  /** In place of the browser's constructor. */
  static readonly dial = (url: string): WebSocket => new FakeSocket(url) as unknown as WebSocket;

  static get last(): FakeSocket {
    const socket = FakeSocket.all.at(-1);
    if (socket === undefined) throw new Error("nobody has dialled");
    return socket;
  }

  send(data: Uint8Array): void {
    this.sent.push(fromBinary(EnvelopeSchema, data));
  }

  close(): void {
    this.readyState = WebSocket.CLOSED;
  }

  // The server's side

  open(): void {
    this.readyState = WebSocket.OPEN;
    this.onopen?.();
  }

  /** Signs in whoever asked. */
  welcome(logEpoch = "epoch"): void {
    this.open();
    this.push({ case: "hello", value: create(HelloSchema, { userId: "me", logEpoch, limits: create(LimitsSchema, { contentCharacters: 4000 }) }) });
  }

  push(payload: Payload, requestId = ""): void {
    const bytes = toBinary(EnvelopeSchema, create(EnvelopeSchema, { requestId, payload }));
    this.onmessage?.({ data: bytes.slice().buffer });
  }

  refuse(requestId: string, code: number, fault: string, retryAfterMs = 0): void {
    this.push({ case: "error", value: create(ErrorResponseSchema, { code, fault, message: fault, retryAfterMs }) }, requestId);
  }

  drop(code = 1006): void {
    this.readyState = WebSocket.CLOSED;
    this.onclose?.({ code });
  }

  /** The requests of one kind, with their ids. */
  asked<C extends NonNullable<Payload["case"]>>(kind: C): { id: string; value: ValueOf<C> }[] {
    return this.sent
      .filter(({ payload }) => payload.case === kind)
      .map(({ requestId, payload }) => ({ id: requestId, value: payload.value as ValueOf<C> }));
  }
}
