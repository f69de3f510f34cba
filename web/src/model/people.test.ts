import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { message, user } from "../testing/shapes";
import type { LiveEvent } from "../wire/shapes";
import { People } from "./People";
import { Reactions, withWanted } from "./Reactions";
import { Reading } from "./Reading";
import type { Link } from "./Connection";
import { Typing } from "./Typing";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const typing = (userId: string): LiveEvent => ({ kind: "typing", conversationId: "c", userId, displayName: userId });

describe("typing", () => {
  const names = (one: Typing): string[] => [...(one.state.get().get("c")?.values() ?? [])];

  it("shows others for six seconds after their last sign, and never me", async () => {
    const one = new Typing("me", vi.fn());
    one.happened(typing("ada"));
    one.happened(typing("me"));
    await vi.advanceTimersByTimeAsync(4_000);
    one.happened(typing("ada"));
    await vi.advanceTimersByTimeAsync(5_999);
    expect(names(one)).toEqual(["ada"]);
    await vi.advanceTimersByTimeAsync(1);
    expect(names(one)).toEqual([]);
  });

  it("ends with the message it was about", () => {
    const one = new Typing("me", vi.fn());
    one.happened(typing("ada"));
    one.happened({ kind: "message", message: message(1) });
    expect(names(one)).toEqual([]);
  });

  it("is told at most every three seconds, and anew after a message", async () => {
    const tell = vi.fn();
    const one = new Typing("me", tell);
    one.write("c");
    one.write("c");
    expect(tell).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(3_000);
    one.write("c");
    one.wrote("c");
    one.write("c");
    expect(tell).toHaveBeenCalledTimes(3);
  });
});

describe("people", () => {
  it("load page by page, and whoever is met besides is looked up once", async () => {
    const lookUp = vi.fn(async (id: string) => user(id));
    const users = vi.fn(async (cursor: string | null) => (cursor === null ? { users: [user("ada")], next: "2" } : { users: [user("bob")], next: null }));
    const people = new People({ users, user: lookUp, presence: async () => new Map([["ada", "away"] as const]) });
    await people.load();
    expect([...people.state.get().users.keys()]).toEqual(["ada", "bob"]);
    expect(people.state.get()).toMatchObject({ loading: "ready", more: false });
    expect(people.state.get().presence.get("ada")).toBe("away");
    people.happened({ kind: "presence", userId: "eve", status: "online" });
    people.happened({ kind: "message", message: message(1, { senderId: "eve" }) });
    await vi.advanceTimersByTimeAsync(0);
    expect(lookUp).toHaveBeenCalledExactlyOnceWith("eve");
    expect(people.state.get().users.has("eve")).toBe(true);
  });
});

describe("my reactions", () => {
  const shown = (one: Reactions, of = message(1)) => withWanted(of, one.state.get().get(of.id), "me");

  it("show at once and go back when they are refused", async () => {
    const failed = vi.fn();
    const one = new Reactions("me", { react: async () => Promise.reject(new Error()), takeBack: async () => undefined, failed });
    one.toggle(message(1), "👍");
    expect(shown(one)).toEqual([{ emoji: "👍", userIds: ["me"] }]);
    await vi.advanceTimersByTimeAsync(0);
    expect(shown(one)).toEqual([]);
    expect(failed).toHaveBeenCalledOnce();
  });

  it("end as the last click says, in requests one after the other", async () => {
    const calls: string[] = [];
    const slow = (name: string) => async (): Promise<void> => {
      await new Promise((resolve) => setTimeout(resolve, 100));
      calls.push(name);
    };
    const one = new Reactions("me", { react: slow("react"), takeBack: slow("take back"), failed: vi.fn() });
    one.toggle(message(1), "👍");
    one.toggle(message(1), "👍");
    one.toggle(message(1), "👍");
    await vi.advanceTimersByTimeAsync(300);
    expect(calls).toEqual(["react", "take back", "react"]);
    expect(shown(one)).toEqual([{ emoji: "👍", userIds: ["me"] }]);
  });

  it("do not count twice once the confirmed message has them, and leave it alone then", async () => {
    const one = new Reactions("me", { react: async () => undefined, takeBack: async () => undefined, failed: vi.fn() });
    one.toggle(message(1), "👍");
    const confirmed = message(1, { reactions: [{ emoji: "👍", userIds: ["me"] }] });
    expect(shown(one, confirmed)).toEqual(confirmed.reactions);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(one.state.get().size).toBe(0);
  });
});

describe("reading", () => {
  function stage() {
    const line: { link: Link | null } = { link: null };
    const markRead = vi.fn(async () => undefined);
    const host = { link: () => line.link, read: vi.fn(), told: vi.fn(), leave: vi.fn() };
    return { reading: new Reading(host), markRead, host, up: () => (line.link = { markRead } as unknown as Link) };
  }

  it("is taken in at once and told once a second, the furthest only", async () => {
    const { reading, markRead, host, up } = stage();
    up();
    reading.note("c", 3);
    reading.note("c", 5);
    expect(host.read).toHaveBeenLastCalledWith("c", 5);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(markRead).toHaveBeenCalledExactlyOnceWith("c", 5);
    expect(host.told).toHaveBeenCalledWith("c");
  });

  it("is kept while there is no line", async () => {
    const { reading, markRead, up } = stage();
    reading.note("c", 3);
    await vi.advanceTimersByTimeAsync(5_000);
    up();
    reading.tell();
    expect(markRead).toHaveBeenCalledExactlyOnceWith("c", 3);
  });

  it("goes another way when the page is left", () => {
    const { reading, host } = stage();
    reading.note("c", 3);
    reading.leave();
    expect(host.leave).toHaveBeenCalledExactlyOnceWith("c", 3);
  });
});
