import { act, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Chat } from "../../model/Chat";
import type { Entry } from "../../model/letters";
import { type RefusalCode, valueOf } from "../../model/refusal";
import type { Acquaintance, Talk, TalkState } from "../../model/Talk";
import { signedIn, strike } from "../../testing/screen";
import { conversation } from "../../testing/shapes";
import type { Conversation } from "../../wire/shapes";

afterEach(strike);

const bob: Acquaintance = { id: "e", name: "Bob", peer: new Uint8Array(32), userId: "bob", expired: 0 };

const entry = (sequence: number): Omit<Entry & { kind: "text" }, "kind" | "text"> => ({
  id: `l${sequence}`, clientId: "", sequence, senderId: "bob", senderName: "Bob", at: sequence, edited: false, warnings: [],
});

/** The conversation with Bob on the screen, as far as the test says. */
async function talking(part: Partial<TalkState>, whom = bob, counted: Partial<Conversation> = {}): Promise<Talk> {
  const { session, settle } = await signedIn("/encrypted/e");
  const state = session.state.get();
  if (state.at !== "in") throw new Error("not signed in");
  const chat: Chat = state.chat;
  const talk = chat.encrypted.talk(whom);
  vi.spyOn(talk, "resume").mockReturnValue();
  await act(async () => {
    chat.conversations.add(conversation({ id: whom.id, kind: "dm", ...counted }));
    chat.encrypted.state.set({ phase: "ready", error: null, talks: [whom] });
    talk.state.merge({ phase: "ready", atStart: true, ...part });
  });
  await settle();
  await screen.findByRole("heading", { name: whom.name });
  return talk;
}

function refusedWith(code: RefusalCode): unknown {
  try {
    return valueOf({ ok: false, refusal: { code } });
  } catch (error) {
    return error;
  }
}

describe("an encrypted conversation", () => {
  it("says once that the number was not compared, and of each message that did not open why, and what to do", async () => {
    await talking({ entries: [{ ...entry(1), kind: "text", text: "hello" }, { ...entry(2), kind: "refused", refusal: { code: "key_deleted" } }] });
    expect(screen.getByText("hello")).toBeInTheDocument();
    expect(screen.getByText(/It was encrypted for a key that you have deleted. Ask for it to be sent again./)).toBeInTheDocument();
    expect(screen.getAllByText(/You have not compared safety numbers with Bob yet/)).toHaveLength(1);
  });

  it("names how many messages are missing, where they are missing", async () => {
    const hole = { mine: false, deviceId: new Uint8Array(8), from: 2, to: 3, since: 0, afterSequence: 1, beforeSequence: 4 };
    await talking({ entries: [{ ...entry(1), kind: "text", text: "one" }, { ...entry(4), kind: "text", text: "four" }], missing: [hole] });
    const row = screen.getByText("four").closest("article");
    expect(row).toHaveTextContent("2 messages are missing.");
    expect(screen.getByText("one").closest("article")).not.toHaveTextContent("missing");
  });

  it("tells of a changed key, and goes on once it is accepted", async () => {
    const talk = await talking({ trust: "changed" });
    const accept = vi.spyOn(talk, "acceptChange").mockResolvedValue();
    expect(screen.getByText(/Bob’s key is not the one you verified/)).toBeInTheDocument();
    await userEvent.click(screen.getByRole("button", { name: "Accept without comparing" }));
    expect(accept).toHaveBeenCalledOnce();
  });

  it("keeps a text that was not sent, with why, and gives it back to the composer", async () => {
    const talk = await talking({ unsent: [{ clientId: "x", text: "not yet", createdAt: 0, error: refusedWith("no_peer_key") }] });
    expect(screen.getByText(/Not sent. They have no key yet/)).toBeInTheDocument();
    await userEvent.click(screen.getByRole("button", { name: "Edit" }));
    expect(screen.getByRole("textbox", { name: "Encrypted message to Bob" })).toHaveValue("not yet");
    expect(talk.state.get().unsent).toEqual([]);
    expect(JSON.stringify({ ...localStorage })).not.toContain("not yet");
  });

  it("can be read and not written to where its key is nobody's any more", async () => {
    await talking({ entries: [{ ...entry(1), kind: "text", text: "from before" }] }, { ...bob, userId: null });
    expect(screen.getByText("from before")).toBeInTheDocument();
    expect(screen.getAllByText(/Bob has new keys, or has left/)).not.toHaveLength(0);
    expect(screen.queryByRole("textbox", { name: /Message Bob/ })).toBeNull();
  });

  it("says how many messages waited for longer than the server holds them ready", async () => {
    await talking({ entries: [{ ...entry(1), kind: "text", text: "from long ago" }] }, { ...bob, expired: 3 });
    expect(screen.getByText(/3 messages have been waiting for you for more than 30 days/)).toBeInTheDocument();
    expect(screen.getByText("from long ago")).toBeInTheDocument();
  });

  it("has a line above what is new, until I write", async () => {
    const entries: Entry[] = [1, 2, 3].map((at) => ({ ...entry(at), kind: "text", text: `message ${at}` }));
    const talk = await talking({ entries }, bob, { lastRead: 2, lastSequence: 3, unread: 1 });
    vi.spyOn(talk, "send").mockReturnValue();
    expect(screen.getByText("New").closest("article")).toHaveTextContent("message 3");
    await userEvent.type(screen.getByRole("textbox", { name: "Encrypted message to Bob" }), "seen{Enter}");
    expect(talk.send).toHaveBeenCalledWith("seen");
    expect(screen.queryByText("New")).toBeNull();
  });

  it("says when it could not be loaded, and tries again", async () => {
    const talk = await talking({ phase: "failed", error: refusedWith("unknown_conversation") });
    await userEvent.click(screen.getByRole("button", { name: "Try again" }));
    expect(talk.resume).toHaveBeenCalledTimes(2);
  });
});
