import { ask, bytes, equal, next, that } from "./check.mjs";

export const cases = {
  async events({ connect, transports }) {
    const socket = connect();
    await next(socket, "connect");
    that(socket.id.length === 20, "id");
    const echoed = next(socket, "echo");
    socket.emit("echo", 1, "2", { 3: [true, null, 1.5] }, "é€😀\u2028\u001e<&>");
    equal(await echoed, [1, "2", { 3: [true, null, 1.5] }, "é€😀\u2028\u001e<&>"]);
    if (transports.length > 1) await upgraded(socket);
    const last = transports[transports.length - 1];
    equal(socket.io.engine.transport.name, last);
    equal(await ask(socket, "ack", "after"), ["after"]);
  },

  async orderAcrossTheUpgrade({ connect }) {
    const socket = connect();
    const seen = [];
    socket.on("echo", (n) => seen.push(n));
    await next(socket, "connect");
    for (let n = 0; n < 500; n++) {
      socket.emit("echo", n);
      if (n % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await ask(socket, "ack");
    while (seen.length < 500) await next(socket, "echo");
    equal(seen, [...Array(500).keys()]);
  },

  async binary({ connect }) {
    const socket = connect();
    await next(socket, "connect");
    const one = new Uint8Array([1, 2, 3]);
    const two = new Uint8Array([254, 255]).buffer;
    const echoed = next(socket, "echo");
    socket.emit("echo", one, { deep: [{ two }], text: "x" });
    const [first, second] = await echoed;
    equal(bytes(first), [1, 2, 3]);
    equal(bytes(second.deep[0].two), [254, 255]);
    equal(second.text, "x");
    const [answer] = await ask(socket, "ack", { one });
    equal(bytes(answer.one), [1, 2, 3]);
    const [typed] = await ask(socket, "reverse", { name: "n", data: one });
    equal([typed.name, bytes(typed.data)], ["n", [3, 2, 1]]);
  },

  async bigBinary({ connect }) {
    const socket = connect();
    await next(socket, "connect");
    const big = new Uint8Array(700_000).map((_, i) => i * 31);
    const [answer] = await ask(socket, "ack", big);
    const back = new Uint8Array(answer);
    that(back.length === big.length && back.every((byte, i) => byte === big[i]), "the bytes that were sent");
  },

  async acks({ connect }) {
    const socket = connect();
    await next(socket, "connect");
    equal(await ask(socket, "ack", 1, { a: 2 }), [1, { a: 2 }]);
    equal(await ask(socket, "add", 2, 3), [5]);
    socket.on("question", (value, answer) => answer(value + 1));
    const answered = next(socket, "answered");
    socket.emit("ask", 41);
    equal(await answered, [42]);
    if (!socket.timeout) return; // clients before 4.4
    const error = await new Promise((resolve) => socket.timeout(100).emit("never", resolve));
    that(error instanceof Error, "a time-out");
    if (socket.emitWithAck) equal(await socket.emitWithAck("ack", "x"), "x");
  },

  async namespaces({ connect }) {
    const refused = connect("/admin");
    const [error] = await next(refused, "connect_error");
    equal([error.message, error.data], ["not authorized", { code: 7 }]);
    const admin = connect("/admin", { auth: { token: "secret" } });
    await next(admin, "connect");
    equal(await ask(admin, "who"), ["/admin"]);
    const dynamic = connect("/room-12");
    await next(dynamic, "connect");
    equal(await ask(dynamic, "who"), ["/room-12"]);
    const [none] = await next(connect("/nowhere"), "connect_error");
    equal(none.message, "Invalid namespace");
  },

  async multiplexed({ connect }) {
    const main = connect("", { forceNew: false });
    const admin = connect("/admin", { forceNew: false, auth: { token: "secret" } });
    await Promise.all([next(main, "connect"), next(admin, "connect")]);
    that(main.io === admin.io, "one connection");
    admin.disconnect();
    equal(await ask(main, "ack", "alive"), ["alive"]);
  },

  async rooms({ connect }) {
    const [a, b, c] = await joined(connect, 3);
    await ask(a, "join", "red");
    await ask(b, "join", "red");
    const heard = [];
    for (const [name, socket] of [["a", a], ["b", b], ["c", c]]) socket.on("news", (text) => heard.push(`${name} ${text}`));
    await ask(a, "to", "red", "news", "others in red");
    await ask(c, "in", "red", "news", "all in red");
    await ask(b, "leave", "red");
    await ask(c, "in", "red", "news", "who is left");
    await ask(c, "all", "news", "everybody");
    await Promise.all([a, b, c].map((socket) => ask(socket, "ack")));
    equal(heard.sort(), ["a all in red", "a everybody", "a who is left", "b all in red", "b everybody", "b others in red", "c everybody"]);
  },

  async disconnects({ connect }) {
    const [a, b] = await joined(connect, 2, { reconnection: false });
    const left = next(a, "disconnect");
    a.emit("kick");
    equal((await left)[0], "io server disconnect");
    const closed = next(b, "disconnect");
    b.emit("kick", true);
    equal((await closed)[0], "io server disconnect");
  },

  async reconnects({ connect }) {
    const [socket] = await joined(connect, 1);
    const id = socket.id;
    const back = next(socket, "connect");
    socket.emit("drop");
    await back;
    that(socket.id !== id && !socket.recovered, "a new session");
    equal(await ask(socket, "ack", "again"), ["again"]);
  },

  async recovers({ connect }) {
    // Long enough for the server to have seen the end: till then there is nothing to go on with.
    const [socket, other] = await joined(connect, 2, { reconnectionDelay: 1000, randomizationFactor: 0 });
    const id = socket.id;
    await ask(socket, "join", "red");
    const seen = [];
    socket.on("news", (text) => seen.push(text));
    await ask(other, "in", "red", "news", "before");
    await ask(socket, "ack");
    const gone = next(socket, "disconnect");
    const back = next(socket, "connect");
    socket.io.engine.close();
    await gone;
    await ask(other, "in", "red", "news", "missed");
    await ask(other, "in", "blue", "news", "not for us");
    await back;
    that(socket.recovered && socket.id === id, "the same session");
    await ask(other, "in", "red", "news", "after");
    while (seen.length < 3) await next(socket, "news");
    equal(seen, ["before", "missed", "after"]);
  },

  async thousand({ connect }) {
    const sockets = await joined(connect, 1000);
    const heard = Promise.all(sockets.map((socket) => next(socket, "news")));
    await ask(sockets[0], "all", "news", "to all");
    that((await heard).every(([text]) => text === "to all"), "everybody hears");
  },
};

async function joined(connect, count, options) {
  const sockets = Array.from({ length: count }, () => connect("", options));
  await Promise.all(sockets.map((socket) => next(socket, "connect")));
  return sockets;
}

async function upgraded(socket) {
  const engine = socket.io.engine;
  if (engine.transport.name !== "websocket") await new Promise((resolve) => engine.once("upgrade", resolve));
}
