// usage: node united.mjs CASE URL TRANSPORTS JSON
// Runs one case of this file with the real client against a running server; exit code 0 where it holds.
import { createRequire } from "node:module";
import { bytes, equal, next, that } from "../../United.SocketIo.Tests/node/check.mjs";

const require = createRequire(new URL("../../United.SocketIo.Tests/node/package.json", import.meta.url));
const { io } = require("socket.io-client");
const [, , name, url, transports, given] = process.argv;
const config = JSON.parse(given);
const sockets = [];

setTimeout(() => {
  console.error("timed out");
  process.exit(2);
}, 50_000).unref();

/** A device: a connection of its own that remembers all that it hears. */
async function device(token, options = {}) {
  const socket = io(url, { transports: transports.split(","), forceNew: true, reconnectionDelay: 20, reconnectionDelayMax: 50, auth: { token }, ...options });
  sockets.push(socket);
  socket.heard = [];
  socket.onAny((event, payload) => socket.heard.push({ event, payload }));
  const hello = next(socket, "hello");
  await next(socket, "connect");
  await hello;
  return socket;
}

/** The payload of the first event, heard or to come, that matches. */
async function hears(socket, event, matches = () => true) {
  for (;;) {
    const found = socket.heard.find((one) => one.event === event && matches(one.payload));
    if (found) return found.payload;
    await new Promise((resolve) => socket.once(event, () => setImmediate(resolve)));
  }
}

const ask = (socket, event, ...args) => socket.timeout(20_000).emitWithAck(event, ...args);
const failure = (promise) => promise.then((answer) => [answer.code, typeof answer.error]);

async function refused(auth) {
  const socket = io(url, { transports: transports.split(","), forceNew: true, reconnection: false, auth });
  sockets.push(socket);
  const [error] = await next(socket, "connect_error");
  return [error.message, error.data];
}

const cases = {
  async everyEvent() {
    equal(await refused({}), ["unauthorized", { code: "unauthorized" }]);
    equal(await refused({ token: "nonsense" }), ["unauthorized", { code: "unauthorized" }]);
    const { channel, closed } = config;
    const anna = await device(config.anna);
    const berta = await device(config.berta);

    const posted = await ask(anna, "message:send", { conversationId: channel, content: "first", clientId: "c-1" });
    that(posted.success && posted.serverSequence === 1 && posted.timestamp > 0 && posted.revision > 0, "posted");
    equal(await hears(anna, "message:sent"), { id: posted.messageId, clientId: "c-1", conversationId: channel, serverSequence: 1, status: "sent" });
    that((await hears(berta, "message:new")).content === "first", "message:new");
    const edited = await ask(anna, "message:edit", { conversationId: channel, messageId: posted.messageId, content: "second" });
    that((await hears(berta, "message:edited")).revision === edited.revision, "message:edited");
    const liked = await ask(berta, "reaction:add", { messageId: posted.messageId, emoji: "👍" });
    equal(liked.reactions.map((one) => [one.emoji, one.count, one.me]), [["👍", 1, true]]);
    await hears(anna, "reaction:added");
    equal((await ask(berta, "reaction:remove", { messageId: posted.messageId, emoji: "👍" })).reactions, []);
    await hears(anna, "reaction:removed");
    equal((await ask(berta, "message:read", { conversationId: channel, messageId: posted.messageId })).unreadCount, 0);
    that((await ask(berta, "message:delivered", { conversationId: channel, sequence: 1 })).success, "delivered");
    const page = await ask(berta, "message:history", { conversationId: channel, limit: 10 });
    equal([page.hasMore, page.messages.map((message) => message.content)], [false, ["second"]]);
    equal(await ask(berta, "conversation:join", { conversationId: channel }), { success: true });
    equal(await ask(berta, "conversation:leave", { conversationId: channel }), { success: true });
    equal((await ask(berta, "conversation:join", { conversationId: closed })).error, "Not a member of this conversation");
    berta.emit("typing", { conversationId: channel });
    that((await hears(anna, "typing")).displayName === "berta", "typing");
    equal(await ask(berta, "status:set", { status: "away" }), { success: true });
    await hears(anna, "status:changed", (status) => status.status === "away");
    const synced = await ask(berta, "sync", { conversations: { [channel]: posted.revision - 1 }, partial: true });
    equal(synced.changed[0].messages.map((message) => message.content), ["second"]);
    const gone = await ask(anna, "message:delete", { conversationId: channel, messageId: posted.messageId });
    that((await hears(berta, "message:deleted")).revision === gone.revision, "message:deleted");

    equal(await failure(ask(berta, "message:edit", { conversationId: channel, messageId: posted.messageId, content: "mine" })), ["not_found", "string"]);
    equal(await failure(ask(berta, "message:send", { conversationId: closed, content: "x" })), ["not_found", "string"]);
    equal(await failure(ask(berta, "message:send", "text")), ["validation_failed", "string"]);
    equal(await failure(ask(berta, "message:send", { conversationId: channel, content: new Uint8Array([1]) })), ["validation_failed", "string"]);
    equal(await failure(ask(berta, "message:send", { conversationId: channel, content: "x" }, 1)), ["malformed", "string"]);
    equal(await failure(ask(berta, "no:such:event", {})), ["malformed", "string"]);
    that(berta.connected, "still connected");
  },

  /** Three devices of one user: sent on one appears on the others, read on one clears them, nothing twice. */
  async devices() {
    const { channel } = config;
    const [phone, laptop, tablet] = [await device(config.anna), await device(config.anna), await device(config.anna)];
    const other = await device(config.berta);
    for (let i = 0; i < 20; i++) await ask(i % 2 ? other : phone, "message:send", { conversationId: channel, content: `${i}` });
    await ask(phone, "message:read", { conversationId: channel, sequence: 20 });
    for (const one of [laptop, tablet]) equal((await hears(one, "unread", (count) => count.unreadCount === 0)).conversationId, channel);
    for (const one of [phone, laptop, tablet, other]) {
      await hears(one, "message:new", (message) => message.content === "19");
      equal(one.heard.filter((heard) => heard.event === "message:new").map((heard) => heard.payload.content), [...Array(20).keys()].map(String));
    }
    equal([laptop, tablet].flatMap((one) => one.heard.filter((heard) => heard.event === "message:sent")), []);
  },

  /** A removal leaves before it is acknowledged: nothing is heard after it. */
  async removal() {
    const { closed } = config;
    const [owner, anna] = [await device(config.owner), await device(config.anna)];
    await ask(owner, "message:send", { conversationId: closed, content: "with anna" });
    await hears(anna, "message:new");
    const answer = await fetch(`${url}/api/channels/${closed}/members/${config.annaId}`, { method: "DELETE", headers: { Authorization: `Bearer ${config.owner}` } });
    that(answer.ok, `removed: ${answer.status}`);
    for (let i = 0; i < 5; i++) await ask(owner, "message:send", { conversationId: closed, content: "without anna" });
    await hears(anna, "conversation:removed", (gone) => gone.conversationId === closed);
    equal(await failure(ask(anna, "message:history", { conversationId: closed })), ["not_found", "string"]);
    equal(anna.heard.filter((one) => one.payload.content === "without anna"), []);
  },

  /** A program of the operator's own emits into a room through Redis; only its members hear, and no event of ours comes twice. */
  async emitter() {
    const { closed, channel } = config;
    const [owner, anna] = [await device(config.owner), await device(config.anna)];
    const { Emitter } = require("@socket.io/redis-emitter");
    const redis = require("redis").createClient({ url: config.redis });
    await redis.connect();
    // What is published before the server listens is lost.
    while (!(await redis.sendCommand(["PUBSUB", "NUMPAT"]))) await new Promise((resolve) => setTimeout(resolve, 10));
    const emitter = new Emitter(redis);
    const emit = (room, text) => emitter.to(room).emit("notice", { text, data: new Uint8Array([1, 2]) });
    emit(`conversation:${closed}`, "to the channel");
    emit(`user:${config.annaId}`, "to anna");
    emit("server", "to all");
    for (const one of [owner, anna]) await hears(one, "notice", (notice) => notice.text === "to all");
    await hears(owner, "notice", (notice) => notice.text === "to the channel" && bytes(notice.data).length === 2);
    await hears(anna, "notice", (notice) => notice.text === "to anna");
    equal(anna.heard.filter((one) => one.event === "notice").map((one) => one.payload.text).sort(), ["to all", "to anna"]);
    equal(owner.heard.filter((one) => one.event === "notice").map((one) => one.payload.text).sort(), ["to all", "to the channel"]);
    await ask(owner, "message:send", { conversationId: channel, content: "once" });
    await ask(owner, "status:set", { status: "online" });
    await hears(anna, "message:new");
    equal(anna.heard.filter((one) => one.event === "message:new").length, 1);
    await redis.quit();
  },

  /** A transcript of docs/wire/socketio.md, line by line: what C asks and hears, and what A does, whose answers are not shown. */
  async transcript() {
    const values = { ...config.values };
    const filled = (text) => text.replace(/«([a-z]+)»/g, (mark, key) => values[key] ?? mark);
    const clients = {};
    let answer;
    for (const line of config.lines) {
      const [, mark, event, json] = /^(\S) (\S+) (.*)$/.exec(line);
      const payload = JSON.parse(filled(json));
      if (event === "connect") clients[mark] = await device(payload.token);
      else if (mark === "A") that(!(await ask(clients.A, event, payload)).error, line);
      else if (mark === "C") answer = await ask(clients.C, event, payload);
      else if (event === "ack") bind(answer, payload, line);
      else bind(await hears(clients.C, event, (heard) => fits(heard, payload, {})), payload, line);
    }

    function bind(actual, wanted, line) {
      const found = {};
      that(fits(actual, wanted, found), `${line}\ngot ${JSON.stringify(actual)}`);
      Object.assign(values, found);
    }

    function fits(actual, wanted, found) {
      const key = typeof wanted === "string" && /^«([a-z]+)»$/.exec(wanted)?.[1];
      if (key) return key in found ? found[key] === actual : actual !== undefined && ((found[key] = actual), true);
      if (wanted === null || typeof wanted !== "object") return actual === wanted || `${actual}` === wanted;
      if (actual === null || typeof actual !== "object") return false;
      const keys = Object.keys(wanted).filter((one) => one !== "…");
      return ("…" in wanted || keys.length === Object.keys(actual).length) && keys.every((one) => fits(actual[one], wanted[one], found));
    }
  },
};

try {
  await cases[name]();
  for (const socket of sockets) socket.disconnect();
  process.exit(0);
} catch (error) {
  console.error(error);
  process.exit(1);
}
