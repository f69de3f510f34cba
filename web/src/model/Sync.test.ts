import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { LiveEvent, SyncAnswer } from "../wire/shapes";
import { Problem } from "../wire/problem";
import { Sync, type SyncHost } from "./Sync";

const answer = (part: Partial<SyncAnswer> = {}): SyncAnswer => ({
  changed: [], added: [], removed: [], logEpoch: "e", serverTime: 0, more: false, ...part,
});
const event = (userId: string): LiveEvent => ({ kind: "presence", userId, status: "online" });

function stage(ask = vi.fn<SyncHost["ask"]>(async () => answer())) {
  const happened = vi.fn();
  const frames: (() => void)[] = [];
  const sync = new Sync({ ask, revisions: () => new Map([["c", 3]]), answered: vi.fn(), happened, soon: (work) => frames.push(work) });
  return { sync, ask, happened, frame: () => frames.splice(0).forEach((work) => work()) };
}

describe("the sync", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("hands on what came in one frame at once", () => {
    const { sync, happened, frame } = stage();
    sync.happened(event("ada"));
    sync.happened(event("bob"));
    expect(happened).not.toHaveBeenCalled();
    frame();
    expect(happened).toHaveBeenCalledExactlyOnceWith([event("ada"), event("bob")]);
  });

  it("holds events back until it has caught up", async () => {
    let answered: (given: SyncAnswer) => void = () => undefined;
    const { sync, happened, frame } = stage(vi.fn(() => new Promise<SyncAnswer>((resolve) => (answered = resolve))));
    const all = sync.all();
    sync.happened(event("ada"));
    frame();
    expect(happened).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(0);
    answered(answer());
    await all;
    expect(happened).toHaveBeenCalledExactlyOnceWith([event("ada")]);
  });

  it("asks until there is no more", async () => {
    const { sync, ask } = stage();
    ask.mockResolvedValueOnce(answer({ more: true }));
    await sync.all();
    expect(ask).toHaveBeenCalledTimes(2);
  });

  it("asks for what I have read elsewhere since the first answer of the last time", async () => {
    const { sync, ask } = stage();
    ask.mockResolvedValueOnce(answer({ more: true, serverTime: 5 })).mockResolvedValueOnce(answer({ serverTime: 9 }));
    await sync.all();
    await sync.all();
    expect(ask.mock.calls.map(([, , readSince]) => readSince)).toEqual([null, null, 5]);
  });

  it("makes one request of repairs that come close together, from the lowest revision", async () => {
    const { sync, ask } = stage();
    sync.repair("c", 5);
    sync.repair("c", 4);
    sync.repair("d", 1);
    await vi.advanceTimersByTimeAsync(50);
    expect(ask).toHaveBeenCalledExactlyOnceWith(new Map([["c", 4], ["d", 1]]), true, null);
  });

  it("repeats a repair that failed, and forgets it with the line", async () => {
    const { sync, ask } = stage();
    ask.mockRejectedValueOnce(new Problem("network", 0));
    sync.repair("c", 5);
    await vi.advanceTimersByTimeAsync(2_050);
    expect(ask).toHaveBeenCalledTimes(2);
    sync.repair("c", 6);
    sync.forget();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(ask).toHaveBeenCalledTimes(2);
  });
});
