// @vitest-environment node
import { MessageChannel } from "node:worker_threads";
import { afterEach, describe, expect, it } from "vitest";
import { type Client, connect, type Port, serve } from "./channel";
import { Engine } from "./Engine";
import { MemorySafe } from "./MemorySafe";
import { codeOf, Conversation, TestDevice, valueOf } from "./testing";

const closing: (() => void)[] = [];
afterEach(() => closing.splice(0).forEach((close) => close()));

function across(engine: Promise<Client>): { client: Client; port: Port } {
  const { port1, port2 } = new MessageChannel();
  closing.push(() => port1.close());
  serve(engine, port2 as unknown as Port);
  port1.start();
  port2.start();
  return { client: connect(port1 as unknown as Port), port: port1 as unknown as Port };
}

describe("the engine behind a channel", () => {
  it("does what it does here, with values and refusals alike", async () => {
    const [{ client: alice }, bob] = [across(Promise.resolve(new Engine(new MemorySafe()))), await TestDevice.withIdentity("bob")];
    expect(codeOf(await alice.keyToPublish())).toBe("no_identity");
    const { identity } = valueOf(await alice.create());
    expect(await alice.identity()).toEqual(identity);
    valueOf(await alice.open(Conversation, "bob", await bob.identity()));
    valueOf(await alice.adoptKey("bob", valueOf(await bob.engine.keyToPublish()).key));
    valueOf(await bob.engine.open(Conversation, "alice", identity));
    const sealed = valueOf(await alice.seal(Conversation, { kind: "text", text: "over the channel" }));
    expect(await bob.hears({ ...sealed, sequence: 1, sender: identity, timestamp: sealed.sentAt })).toMatchObject([{ kind: "shown", body: { text: "over the channel" } }]);
  });

  it("answers each question to whom it belongs", async () => {
    const { client } = across(Promise.resolve(new Engine(new MemorySafe())));
    const [created, again, identity] = await Promise.all([client.create(), client.create(), client.identity()]);
    expect([created.ok, codeOf(again), identity]).toEqual([true, "identity_exists", valueOf(created).identity]);
  });

  it("says so where the device's storage fails, and knows no other calls", async () => {
    const { client } = across(Promise.reject(new Error("no storage here")));
    await expect(client.identity()).rejects.toThrow("no storage here");
    const { port } = across(Promise.resolve(new Engine(new MemorySafe())));
    const answer = new Promise((resolve) => port.addEventListener("message", ({ data }) => resolve(data)));
    port.postMessage({ id: 7, call: "constructor", with: [] });
    expect(await answer).toEqual({ id: 7, failed: "there is no such call" });
  });

  it("fails every call once its worker has ended, those that wait and those to come", async () => {
    const worker = new EventTarget();
    const client = connect(Object.assign(worker, { postMessage: () => undefined }) as unknown as Port);
    const waiting = expect(client.identity()).rejects.toThrow("the worker has ended");
    worker.dispatchEvent(new Event("error"));
    await waiting;
    await expect(client.identity()).rejects.toThrow("the worker has ended");
  });
});
