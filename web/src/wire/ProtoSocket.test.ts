import { create } from "@bufbuild/protobuf";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FakeSocket } from "../testing/FakeSocket";
import { ChatMessageSchema, NewMessageEventSchema, ReactionSchema } from "./gen/chat_pb";
import { PongSchema, SendMessageResultSchema, SessionEndedSchema } from "./gen/ws_pb";
import { ProtoSocket } from "./ProtoSocket";

const post = { conversationId: "c", content: "hello", replyToId: null, clientId: "k1" };

function dialled() {
  const handlers = { opened: vi.fn(), happened: vi.fn(), closed: vi.fn() };
  const socket = new ProtoSocket("ws://test/ws", "jwt", handlers, FakeSocket.dial);
  return { socket, line: FakeSocket.last, ...handlers };
}

describe("the protobuf socket", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("signs in by its first frame and is open once the server says hello", () => {
    const { line, opened } = dialled();
    line.open();
    expect(line.asked("tokenAuth")[0]?.value.accessToken).toBe("jwt");
    line.welcome("e1");
    expect(opened).toHaveBeenCalledWith({ userId: "me", logEpoch: "e1", contentCharacters: 4000 });
  });

  it("matches answers to requests, in whatever order they come", async () => {
    const { socket, line } = dialled();
    line.welcome();
    const first = socket.post(post);
    const second = socket.post({ ...post, clientId: "k2" });
    const [one, two] = line.asked("sendMessage");
    line.push({ case: "sendMessageResult", value: create(SendMessageResultSchema, { messageId: "m2", serverSequence: 2n, revision: 8n }) }, two?.id);
    line.push({ case: "sendMessageResult", value: create(SendMessageResultSchema, { messageId: "m1", serverSequence: 1n, revision: 7n }) }, one?.id);
    await expect(first).resolves.toEqual({ messageId: "m1", sequence: 1, revision: 7 });
    await expect(second).resolves.toEqual({ messageId: "m2", sequence: 2, revision: 8 });
  });

  it("turns an error frame into the refusal of its request", async () => {
    const { socket, line } = dialled();
    line.welcome();
    const sent = socket.post(post);
    line.refuse(line.asked("sendMessage")[0]?.id ?? "", 429, "rate_limited", 1500);
    await expect(sent).rejects.toMatchObject({ code: "rate_limited", status: 429, retryAfter: 1500 });
  });

  it("gives up a request that is not answered", async () => {
    const { socket, line } = dialled();
    line.welcome();
    const sent = expect(socket.post(post)).rejects.toMatchObject({ code: "timeout" });
    await vi.advanceTimersByTimeAsync(10_000);
    await sent;
  });

  it("refuses what is asked before it is open, and what is open when it ends", async () => {
    const { socket, line, closed } = dialled();
    await expect(socket.post(post)).rejects.toMatchObject({ code: "network" });
    line.welcome();
    const sent = expect(socket.post(post)).rejects.toMatchObject({ code: "network" });
    line.drop();
    await sent;
    expect(closed).toHaveBeenCalledExactlyOnceWith({ kind: "lost" });
  });

  it("tells a refused token and an ended session from a lost line", () => {
    const refused = dialled();
    refused.line.open();
    refused.line.refuse("", 401, "unauthorized");
    expect(refused.closed).toHaveBeenCalledExactlyOnceWith({ kind: "unauthorized" });

    const closedBy = dialled();
    closedBy.line.welcome();
    closedBy.line.drop(4401);
    expect(closedBy.closed).toHaveBeenCalledExactlyOnceWith({ kind: "unauthorized" });

    const ended = dialled();
    ended.line.welcome();
    ended.line.push({ case: "sessionEnded", value: create(SessionEndedSchema, { reason: "suspended" }) });
    expect(ended.closed).toHaveBeenCalledExactlyOnceWith({ kind: "ended", reason: "suspended" });
  });

  it("takes a server that says nothing for a lost line", async () => {
    const mute = dialled();
    mute.line.open();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(mute.closed).toHaveBeenCalledExactlyOnceWith({ kind: "lost" });
  });

  it("asks for a sign of life and closes where none comes", async () => {
    const { line, closed } = dialled();
    line.welcome();
    await vi.advanceTimersByTimeAsync(20_000);
    const [ping] = line.asked("ping");
    line.push({ case: "pong", value: create(PongSchema) }, ping?.id);
    await vi.advanceTimersByTimeAsync(19_000);
    expect(closed).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(11_000);
    expect(closed).toHaveBeenCalledExactlyOnceWith({ kind: "lost" });
  });

  it("hands pushes on in the model's shapes", () => {
    const { line, happened } = dialled();
    line.welcome();
    const reactions = [["👍", "ada"], ["🎉", "bob"], ["👍", "bob"]].map(([emoji, userId]) => create(ReactionSchema, { emoji: emoji ?? "", userId: userId ?? "" }));
    const message = create(ChatMessageSchema, { id: "m1", channelId: "c", senderId: "ada", content: "hi", serverSequence: 3n, revision: 5n, timestamp: 1n, reactions });
    line.push({ case: "newMessageEvent", value: create(NewMessageEventSchema, { message }) });
    expect(happened).toHaveBeenCalledOnce();
    expect(happened.mock.calls[0]?.[0]).toMatchObject({
      kind: "message",
      message: {
        id: "m1", conversationId: "c", sequence: 3, revision: 5, editedAt: null, type: "text",
        reactions: [{ emoji: "👍", userIds: ["ada", "bob"] }, { emoji: "🎉", userIds: ["bob"] }],
      },
    });
  });

  it("ends on bytes that are no envelope", () => {
    const { line, closed } = dialled();
    line.welcome();
    line.onmessage?.({ data: new Uint8Array([0xff, 0xff, 0xff]).buffer });
    expect(closed).toHaveBeenCalledExactlyOnceWith({ kind: "lost" });
  });
});
