// @vitest-environment node
import { IDBFactory } from "fake-indexeddb";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { BrowserSafe } from "./BrowserSafe";
import { utf8 } from "./bytes";
import { Engine } from "./Engine";
import { MemorySafe } from "./MemorySafe";
import type { Safe } from "./Safe";
import { valueOf } from "./testing";

beforeEach(() => {
  vi.stubGlobal("indexedDB", new IDBFactory());
  vi.stubGlobal("navigator", {});
});
afterEach(() => void vi.unstubAllGlobals());

const makers: Readonly<Record<string, () => Promise<Safe>>> = {
  "in memory": async () => new MemorySafe(),
  "in the browser": () => BrowserSafe.open("ada"),
};

describe.each(Object.entries(makers))("a safe %s", (_, make) => {
  it("keeps records, changes them together and gives them back as copies", async () => {
    const safe = await make();
    expect(await safe.read("a")).toBeNull();
    await safe.write(new Map([["a", utf8("1")], ["b", utf8("2")]]));
    await safe.write(new Map([["a", null], ["b", utf8("3")]]));
    expect(await safe.names()).toEqual(["b"]);
    (await safe.read("b"))?.fill(0);
    expect(await safe.read("b")).toEqual(utf8("3"));
  });

  it("lets one at a time, also after one that failed", async () => {
    const safe = await make();
    const order: string[] = [];
    const turn = (name: string): Promise<void> =>
      safe.alone(async () => {
        order.push(`${name} in`);
        await new Promise((resolve) => setTimeout(resolve));
        order.push(`${name} out`);
        if (name === "b") throw new Error("b failed");
      });
    const failed = expect(Promise.all([turn("a"), turn("b")])).rejects.toThrow("b failed");
    await turn("c");
    await failed;
    expect(order).toEqual(["a in", "a out", "b in", "b out", "c in", "c out"]);
  });
});

describe("a safe in the browser", () => {
  it("takes its turns with other tabs by a lock of its account", async () => {
    const request = vi.fn(async (_: string, work: () => Promise<unknown>) => work());
    vi.stubGlobal("navigator", { locks: { request } });
    expect(await (await BrowserSafe.open("ada")).alone(async () => "done")).toBe("done");
    expect(request).toHaveBeenCalledWith("united-dm-ada", expect.any(Function));
  });

  it("is there after a reload, and each account has its own", async () => {
    const { identity } = valueOf(await new Engine(await BrowserSafe.open("ada")).create());
    expect(await new Engine(await BrowserSafe.open("ada")).identity()).toEqual(identity);
    expect(await new Engine(await BrowserSafe.open("grace")).identity()).toBeNull();
  });

  it("writes nothing down that could be read, under a key that cannot be taken out", async () => {
    await (await BrowserSafe.open("ada")).write(new Map([["account", utf8("canary in the mine")]]));
    const [records, [key]] = await Promise.all([raw("records"), raw("keys")]);
    expect(Buffer.from(records[0] as Uint8Array).includes("canary")).toBe(false);
    expect((key as CryptoKey).extractable).toBe(false);
  });

  it("refuses a record that was put in another's place", async () => {
    const safe = await BrowserSafe.open("ada");
    await safe.write(new Map([["a", utf8("1")], ["b", utf8("2")]]));
    const database = await opened();
    const [a] = await raw("records");
    await new Promise((resolve) => database.transaction("records", "readwrite").objectStore("records").put(a, "b").addEventListener("success", resolve));
    await expect(safe.read("b")).rejects.toThrow();
    expect(await safe.read("a")).toEqual(utf8("1"));
  });
});

const opened = (): Promise<IDBDatabase> =>
  new Promise((resolve) => {
    const opening = indexedDB.open("united-dm-ada", 1);
    opening.addEventListener("success", () => resolve(opening.result));
  });

async function raw(store: string): Promise<unknown[]> {
  const database = await opened();
  const all = database.transaction(store).objectStore(store).getAll();
  return new Promise((resolve) => all.addEventListener("success", () => resolve(all.result as unknown[])));
}
