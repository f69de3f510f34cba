// usage: node server.mjs REDIS_PORT [specific]
// A real Socket.IO server in the cluster, driven by lines of JSON [verb, ...args] on standard input; each is answered with one line.
import { Emitter } from "@socket.io/redis-emitter";
import { createAdapter } from "@socket.io/redis-adapter";
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { createClient } from "redis";
import { Server } from "socket.io";
import { io as client } from "socket.io-client";

const url = `redis://127.0.0.1:${process.argv[2]}`;
const pub = createClient({ url, socket: { reconnectStrategy: 50 } });
const sub = pub.duplicate();
for (const redis of [pub, sub]) redis.on("error", () => {});
await Promise.all([pub.connect(), sub.connect()]);

const http = createServer();
const io = new Server(http, { adapter: createAdapter(pub, sub, { publishOnSpecificResponseChannel: process.argv[3] === "specific" }) });
const emitter = new Emitter(pub);
const heard = [];
const clients = [];
io.of("/").adapter.on("error", () => {});
io.on("hello", (text, ack) => {
  heard.push(["hello", text]);
  if (ack) ack(`node heard ${text}`);
});

const verbs = {
  emit: (room, ...args) => (room ? io.to(room) : io).emit(...args),
  emitBinary: (room, event, bytes) => io.to(room).emit(event, { data: Buffer.from(bytes), at: new Date(1700000000123) }),
  emitExcept: (room, ...args) => io.except(room).emit(...args),
  emitterEmit: (room, ...args) => (room ? emitter.to(room) : emitter).emit(...args),
  emitterJoin: (from, to) => emitter.in(from).socketsJoin(to),
  emitterServers: (...args) => emitter.serverSideEmit(...args),
  emitWithAck: async (timeout, ...args) => {
    try {
      return await io.timeout(timeout).emitWithAck(...args);
    } catch (error) {
      return { error: error.message, responses: error.responses };
    }
  },
  fetch: async (room) => (await (room ? io.in(room) : io).fetchSockets()).map(({ id, rooms, data, handshake }) => ({ id, rooms: [...rooms], data, auth: handshake.auth })),
  join: (from, to) => io.in(from).socketsJoin(to),
  leave: (from, to) => io.in(from).socketsLeave(to),
  disconnect: (room, close) => io.in(room).disconnectSockets(close),
  servers: (...args) => io.serverSideEmit(...args),
  serversWithAck: (...args) => io.serverSideEmitWithAck(...args),
  count: () => io.of("/").adapter.serverCount(),
  heard: () => heard.splice(0),
  // a client of this node; what it hears is kept as ["client", n, event, ...args]
  client: async (room) => {
    const socket = client(`http://127.0.0.1:${http.address().port}`, { transports: ["websocket"], forceNew: true });
    const n = clients.push(socket) - 1;
    socket.onAny((event, ...args) => {
      const ack = typeof args[args.length - 1] === "function" ? args.pop() : undefined;
      heard.push(["client", n, event, ...args.map((arg) => (Buffer.isBuffer(arg) ? { bytes: [...arg] } : arg))]);
      ack?.(`node client ${n}`);
    });
    await new Promise((resolve) => socket.on("connect", resolve));
    if (room) io.sockets.sockets.get(socket.id).join(room);
    return socket.id;
  },
};

http.listen(0, "127.0.0.1", () => console.log(http.address().port));
for await (const line of createInterface({ input: process.stdin })) {
  const [verb, ...args] = JSON.parse(line);
  try {
    console.log(JSON.stringify((await verbs[verb](...args)) ?? null));
  } catch (error) {
    console.log(JSON.stringify({ error: error.message }));
  }
}
process.exit(0);
