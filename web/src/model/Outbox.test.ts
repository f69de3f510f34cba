import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Problem } from "../wire/problem";
import type { Post, Posted } from "../wire/ProtoSocket";
import type { Link } from "./Connection";
import { Outbox } from "./Outbox";

interface Sent extends Post {
  readonly accept: (revision: number) => void;
  readonly refuse: (code: string, status: number, retryAfter?: number) => void;
}

function stage() {
  const sent: Sent[] = [];
  const post = (what: Post): Promise<Posted> =>
    new Promise((resolve, reject) => {
      const accept = (revision: number): void => resolve({ messageId: `m${revision}`, sequence: revision, revision });
      const refuse = (code: string, status: number, retryAfter?: number): void => reject(new Problem(code, status, null, retryAfter ?? null));
      sent.push({ ...what, accept, refuse });
    });
  const line = { up: true };
  const missing = vi.fn();
  const link = (): Link | null => (line.up ? ({ post } as unknown as Link) : null);
  const make = (): Outbox => new Outbox("me", { link, missing }, localStorage);
  const outbox = make();
  return { outbox, sent, line, missing, make, states: () => outbox.state.get().map(({ content, state }) => `${content} ${state}`) };
}

const settle = (time = 0): Promise<unknown> => vi.advanceTimersByTimeAsync(time);

describe("the outbox", () => {
  beforeEach(() => {
    localStorage.clear();
    vi.useFakeTimers();
  });
  afterEach(() => void vi.useRealTimers());

  it("shows a message at once and lets it go when the conversation has it", async () => {
    const { outbox, sent, states } = stage();
    outbox.send("c", "one", null);
    expect(states()).toEqual(["one sending"]);
    sent[0]?.accept(7);
    await settle();
    expect(states()).toEqual(["one sent"]);
    outbox.advanced("c", 6);
    expect(states()).toEqual(["one sent"]);
    outbox.advanced("c", 7);
    expect(states()).toEqual([]);
    expect(localStorage).toHaveLength(0);
  });

  it("sends one at a time and in order, each conversation by itself", async () => {
    const { outbox, sent } = stage();
    outbox.send("c", "one", null);
    outbox.send("c", "two", null);
    outbox.send("d", "other", null);
    expect(sent.map(({ content }) => content)).toEqual(["one", "other"]);
    sent[0]?.accept(1);
    await settle();
    expect(sent.map(({ content }) => content)).toEqual(["one", "other", "two"]);
  });

  it("repeats what was not answered with the same client_id, and holds back the rest meanwhile", async () => {
    const { outbox, sent } = stage();
    outbox.send("c", "one", null);
    outbox.send("c", "two", null);
    sent[0]?.refuse("timeout", 0);
    await settle(999);
    expect(sent).toHaveLength(1);
    await settle(1);
    expect(sent[1]).toMatchObject({ content: "one", clientId: sent[0]?.clientId });
  });

  it("waits as long as the server asks", async () => {
    const { outbox, sent } = stage();
    outbox.send("c", "one", null);
    sent[0]?.refuse("rate_limited", 429, 5_000);
    await settle(4_999);
    expect(sent).toHaveLength(1);
    await settle(1);
    expect(sent).toHaveLength(2);
  });

  it("marks what was refused and lets the rest go on", async () => {
    const { outbox, sent, states } = stage();
    outbox.send("c", "one", null);
    outbox.send("c", "two", null);
    sent[0]?.refuse("read_only", 403);
    await settle();
    expect(states()).toEqual(["one failed", "two sending"]);
    expect(outbox.state.get()[0]?.code).toBe("read_only");
    sent[1]?.accept(1);
    await settle();
    outbox.retry(outbox.state.get()[0]?.clientId ?? "");
    expect(sent[2]?.clientId).toBe(sent[0]?.clientId);
    sent[2]?.refuse("read_only", 403);
    await settle();
    outbox.discard(sent[0]?.clientId ?? "");
    expect(states()).toEqual(["two sent"]);
  });

  it("keeps everything while there is no line and sends it in order when there is one", async () => {
    const { outbox, sent, line, states } = stage();
    outbox.send("c", "one", null);
    line.up = false;
    sent[0]?.refuse("network", 0);
    outbox.send("c", "two", null);
    await settle(60_000);
    expect(sent).toHaveLength(1);
    line.up = true;
    outbox.resume();
    expect(states()).toEqual(["one sending", "two queued"]);
    expect(sent[1]?.clientId).toBe(sent[0]?.clientId);
    await settle(60_000);
    expect(sent).toHaveLength(2);
  });

  it("survives a reload, with the same client_id", () => {
    const { outbox, sent, make } = stage();
    outbox.send("c", "one", null);
    outbox.send("c", "two", null);
    const reloaded = make();
    expect(reloaded.state.get().map(({ content, state }) => `${content} ${state}`)).toEqual(["one queued", "two queued"]);
    reloaded.resume();
    expect(sent.at(-1)?.clientId).toBe(sent[0]?.clientId);
  });

  it("lets go of what stands in the conversation though nobody acknowledged it", () => {
    const { outbox, sent, states } = stage();
    outbox.send("c", "one", null);
    outbox.arrived(sent[0]?.clientId ?? "");
    expect(states()).toEqual([]);
  });

  it("asks for a message that was acknowledged and does not show up", async () => {
    const { outbox, sent, missing } = stage();
    outbox.send("c", "one", null);
    sent[0]?.accept(3);
    await settle(1_999);
    expect(missing).not.toHaveBeenCalled();
    await settle(1);
    expect(missing).toHaveBeenCalledWith("c");
  });

  it("keeps a message that the storage has no room for", () => {
    const { outbox, states } = stage();
    vi.spyOn(Storage.prototype, "setItem").mockImplementation(() => {
      throw new DOMException("full", "QuotaExceededError");
    });
    outbox.send("c", "one", null);
    expect(states()).toEqual(["one sending"]);
  });
});
