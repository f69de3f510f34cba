import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Problem } from "../wire/problem";
import type { LinkHandlers } from "../wire/ProtoSocket";
import { Connection, type ConnectionHost, type Link } from "./Connection";

const hello = { userId: "me", logEpoch: "e", contentCharacters: 4000 };

function stage(part: Partial<ConnectionHost> = {}) {
  const dials: LinkHandlers[] = [];
  const link = { post: vi.fn(), markRead: vi.fn(), setPresence: vi.fn(), typing: vi.fn(), ping: vi.fn(), close: vi.fn() };
  const host = {
    token: vi.fn(async () => "jwt"),
    spoil: vi.fn(),
    dial: (_: string, handlers: LinkHandlers) => {
      dials.push(handlers);
      return link as unknown as Link;
    },
    resume: vi.fn(async () => undefined),
    happened: vi.fn(),
    online: () => true,
    ...part,
  };
  const connection = new Connection(host);
  return { connection, dials, link, host, phase: () => connection.state.get() };
}

const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);

describe("the connection", () => {
  beforeEach(() => {
    vi.useFakeTimers();
    vi.spyOn(Math, "random").mockReturnValue(0.5);
  });
  afterEach(() => void vi.useRealTimers());

  it("is live only after it has caught up", async () => {
    let caughtUp = () => undefined as void;
    const { connection, dials, phase } = stage({ resume: () => new Promise((resolve) => (caughtUp = resolve)) });
    connection.start();
    await settle();
    expect(phase()).toBe("connecting");
    dials[0]?.opened(hello);
    expect(phase()).toBe("syncing");
    expect(connection.live).toBeNull();
    caughtUp();
    await settle();
    expect(phase()).toBe("live");
    expect(connection.live).not.toBeNull();
  });

  it("waits longer from try to try, up to fifteen seconds, and starts over once it was live", async () => {
    const { connection, dials, phase } = stage();
    connection.start();
    await settle();
    for (const delay of [1_000, 2_000, 4_000, 8_000, 15_000, 15_000]) {
      const before = dials.length;
      dials.at(-1)?.closed({ kind: "lost" });
      expect(phase()).toBe("waiting");
      await vi.advanceTimersByTimeAsync(delay - 1);
      expect(dials).toHaveLength(before);
      await vi.advanceTimersByTimeAsync(1);
      expect(dials).toHaveLength(before + 1);
    }
    dials.at(-1)?.opened(hello);
    await settle();
    dials.at(-1)?.closed({ kind: "lost" });
    const before = dials.length;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(dials).toHaveLength(before + 1);
  });

  it("spreads its tries by thirty percent to either side", async () => {
    for (const [random, delay] of [[0, 700], [0.999999, 1_299]] as const) {
      vi.mocked(Math.random).mockReturnValue(random);
      const { connection, dials } = stage();
      connection.start();
      await settle();
      dials[0]?.closed({ kind: "lost" });
      await vi.advanceTimersByTimeAsync(delay - 1);
      expect(dials).toHaveLength(1);
      await vi.advanceTimersByTimeAsync(2);
      expect(dials).toHaveLength(2);
      connection.stop();
    }
  });

  it("dials at once when the network is back or somebody looks", async () => {
    const { connection, dials } = stage();
    connection.start();
    await settle();
    dials[0]?.closed({ kind: "lost" });
    connection.wake();
    await settle();
    expect(dials).toHaveLength(2);
  });

  it("dials now and then only while the browser says that there is no network", async () => {
    let online = true;
    const { connection, dials, phase } = stage({ online: () => online });
    connection.start();
    await settle();
    online = false;
    dials[0]?.closed({ kind: "lost" });
    expect(phase()).toBe("offline");
    await vi.advanceTimersByTimeAsync(14_999);
    expect(dials).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(dials).toHaveLength(2);
  });

  it("gets another token when the server refuses the one it had", async () => {
    const { connection, dials, host } = stage();
    connection.start();
    await settle();
    dials[0]?.closed({ kind: "unauthorized" });
    expect(host.spoil).toHaveBeenCalledWith("jwt");
    await vi.advanceTimersByTimeAsync(1_000);
    expect(host.token).toHaveBeenCalledTimes(2);
  });

  it("ends for good with its session", async () => {
    const ended = stage();
    ended.connection.start();
    await settle();
    ended.dials[0]?.closed({ kind: "ended", reason: "" });
    expect(ended.phase()).toBe("ended");
    ended.connection.wake();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(ended.dials).toHaveLength(1);

    const refused = stage({ token: async () => Promise.reject(new Problem("session_ended", 401)) });
    refused.connection.start();
    await settle();
    expect(refused.phase()).toBe("ended");
  });

  it("tries again when catching up fails", async () => {
    const { connection, dials, phase } = stage({ resume: async () => Promise.reject(new Problem("unavailable", 503)) });
    connection.start();
    await settle();
    dials[0]?.opened(hello);
    await settle();
    expect(phase()).toBe("waiting");
    await vi.advanceTimersByTimeAsync(1_000);
    expect(dials).toHaveLength(2);
  });

  it("does not hear what an older line still says", async () => {
    const { connection, dials, host, phase } = stage();
    connection.start();
    await settle();
    dials[0]?.closed({ kind: "lost" });
    await vi.advanceTimersByTimeAsync(1_000);
    dials[0]?.happened({ kind: "presence", userId: "ada", status: "online" });
    dials[0]?.opened(hello);
    dials[0]?.closed({ kind: "ended", reason: "" });
    expect(host.happened).not.toHaveBeenCalled();
    expect(phase()).toBe("connecting");
  });

  it("drops the line after the machine has slept", async () => {
    const { connection, dials, link } = stage();
    connection.start();
    await settle();
    dials[0]?.opened(hello);
    await settle();
    await vi.advanceTimersByTimeAsync(30_000);
    expect(link.close).not.toHaveBeenCalled();
    vi.setSystemTime(Date.now() + 3_600_000);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(link.close).toHaveBeenCalled();
  });
});
