import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FakeServer } from "../testing/FakeServer";
import { FakeSocket } from "../testing/FakeSocket";
import { Api } from "../wire/Api";
import { Tokens } from "../wire/Tokens";
import type { Chat } from "./Chat";
import { Session } from "./Session";

const sessions: Session[] = [];

function stage() {
  const server = new FakeServer();
  server.install();
  const platform = { storage: localStorage, socketUrl: "ws://test/ws", dial: FakeSocket.dial, online: () => true, soon: (work: () => void) => work() };
  const session = new Session(new Api(new Tokens(localStorage, false)), platform);
  sessions.push(session);
  return { server, session };
}

const settle = (time = 0): Promise<unknown> => vi.advanceTimersByTimeAsync(time);

function chatOf(session: Session): Chat {
  const state = session.state.get();
  if (state.at !== "in") throw new Error(`not signed in, but ${state.at}`);
  return state.chat;
}

async function signedIn() {
  const { server, session } = stage();
  await session.start();
  await session.logIn("ada", "a long password");
  await settle();
  server.connect();
  await settle();
  const chat = chatOf(session);
  const transcript = chat.conversations.transcript("c");
  const contents = (): string[] => transcript.state.get().timeline?.messages.map(({ content }) => content) ?? [];
  return { server, session, chat, transcript, contents };
}

describe("a session", () => {
  beforeEach(() => {
    localStorage.clear();
    FakeSocket.all.length = 0;
    vi.useFakeTimers();
  });
  afterEach(async () => {
    for (const session of sessions.splice(0)) session.signedOutElsewhere();
    await settle();
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it("begins at the door, and where one was left, inside", async () => {
    const first = stage();
    await first.session.start();
    expect(first.session.state.get()).toEqual({ at: "out", ended: false });
    localStorage.setItem("united.session", "r");
    const second = stage();
    await second.session.start();
    expect(second.session.state.get().at).toBe("in");
  });

  it("keeps trying while the server does not answer", async () => {
    const { server, session } = stage();
    server.refusals.set("/api/server", { code: "unavailable", status: 503 });
    await session.start();
    expect(session.state.get().at).toBe("unreachable");
    server.refusals.clear();
    await settle(5_000);
    expect(session.state.get().at).toBe("out");
  });

  it("is entered once, also if somebody asks while it begins", async () => {
    localStorage.setItem("united.session", "r");
    const { session } = stage();
    await Promise.all([session.start(), session.start()]);
    await settle();
    expect(FakeSocket.all).toHaveLength(1);
  });

  it("goes over to who signed in in another tab, and does not end theirs", async () => {
    const { server, session, chat } = await signedIn();
    server.signedIn = server.users[1] ?? server.signedIn;
    localStorage.setItem("united.session", "bob's");
    await session.signedInElsewhere("bob");
    await settle();
    expect([chatOf(session).me.id, chat.connection.state.get()]).toEqual(["bob", "ended"]);
    expect(localStorage.getItem("united.session")).not.toBeNull();
    await session.signedInElsewhere("bob");
    expect(chatOf(session).me.id).toBe("bob");
  });

  it("shows a message that was sent at once, and once the server has it", async () => {
    const { server, chat, transcript, contents } = await signedIn();
    await transcript.open();
    chat.send("c", "hello", null);
    expect(chat.outbox.state.get()).toHaveLength(1);
    server.pump();
    await settle();
    expect(chat.outbox.state.get()).toHaveLength(0);
    expect(contents()).toEqual(["hello"]);
  });

  it("comes back after a break with everything that was missed, and sends what was written meanwhile once", async () => {
    const { server, chat, transcript, contents } = await signedIn();
    server.channel.post("bob", { content: "one" });
    server.pump();
    await transcript.open();
    FakeSocket.last.drop();
    chat.send("c", "written off line", null);
    server.channel.post("bob", { content: "two" });
    server.channel.edit(1, "one, mended");
    server.missed();
    await settle(2_000);
    server.connect();
    await settle();
    expect(contents()).toEqual(["one, mended", "two"]);
    server.pump();
    await settle();
    expect(contents()).toEqual(["one, mended", "two", "written off line"]);
    expect(chat.outbox.state.get()).toHaveLength(0);
  });

  it("does not send again what the server took before the line broke", async () => {
    const { server, chat, transcript, contents } = await signedIn();
    await transcript.open();
    chat.send("c", "in doubt", null);
    const clientId = chat.outbox.state.get()[0]?.clientId ?? "";
    server.channel.post("me", { content: "in doubt", clientId });
    server.missed();
    FakeSocket.last.drop();
    await settle(2_000);
    server.connect();
    await settle();
    expect(contents()).toEqual(["in doubt"]);
    expect(chat.outbox.state.get()).toHaveLength(0);
    expect(FakeSocket.last.asked("sendMessage")).toHaveLength(0);
  });

  it("drops everything that it had when the server was restored", async () => {
    const { server, chat, transcript, contents } = await signedIn();
    server.channel.post("bob", { content: "lost by the restore" });
    server.pump();
    await transcript.open();
    FakeSocket.last.drop();
    const restored = new FakeServer();
    restored.info = { ...restored.info, log_epoch: "another" };
    restored.install();
    await settle(2_000);
    restored.connect();
    await settle();
    expect(chat.conversations.state.get().get("c")).toMatchObject({ revision: 0, lastSequence: 0 });
    expect(transcript.state.get().timeline).toBeNull();
    await transcript.open();
    expect(contents()).toEqual([]);
  });

  it("ends when the server has ended it, and keeps the drafts", async () => {
    const { server, session, chat } = await signedIn();
    chat.drafts.set("c", "half a sentence");
    server.refusals.set("/api/auth/refresh", { code: "session_ended", status: 401 });
    FakeSocket.last.drop(4401);
    await settle(2_000);
    expect(session.state.get()).toEqual({ at: "out", ended: true });
    await session.logIn("ada", "a long password");
    expect(chatOf(session).drafts.state.get().get("c")).toBe("half a sentence");
  });

  it("leaves nothing on this device when I sign out", async () => {
    const { server, session, chat } = await signedIn();
    chat.drafts.set("c", "half a sentence");
    chat.outbox.send("c", "unsent", null);
    await session.logOut();
    expect(session.state.get()).toEqual({ at: "out", ended: false });
    expect(server.calls).toContain("POST /api/auth/logout");
    expect(localStorage).toHaveLength(0);
    await settle(60_000);
    expect(FakeSocket.all).toHaveLength(1);
  });
});
