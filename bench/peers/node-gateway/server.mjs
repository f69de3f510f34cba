// The reference of bench/conversations: the gateway that a Node team would build. Socket.IO with a JWT in the handshake, PostgreSQL,
// the Redis adapter. A message is acknowledged after its commit. Prints its port; ends when its standard input does.
//
// usage: node server.mjs transaction|statement    (DATABASE_URL, REDIS_URL, JWT_SECRET in the environment)
//   transaction  five statements between BEGIN and COMMIT, as most would write it
//   statement    everything in one statement, as somebody would who counts round trips
import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { createAdapter } from "@socket.io/redis-adapter";
import jwt from "jsonwebtoken";
import pg from "pg";
import { createClient } from "redis";
import { Server } from "socket.io";

const mode = process.argv[2] ?? "transaction";
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 20 });

const redis = createClient({ url: process.env.REDIS_URL });
const subscriber = redis.duplicate();
await Promise.all([redis.connect(), subscriber.connect()]);

// Each is prepared once per connection, by its name.
const member = { name: "member", text: "select 1 from participants where conversation_id = $1 and user_id = $2" };
const insert = { name: "insert", text: "insert into messages (id, conversation_id, sender_id, content) values ($1, $2, $3, $4) returning created_at" };
const touch = { name: "touch", text: "update conversations set last_message_id = $2, last_message_at = $3 where id = $1" };
const count = {
  name: "count",
  text: `insert into unread_counts (conversation_id, user_id, count)
    select conversation_id, user_id, 1 from participants where conversation_id = $1 and user_id <> $2 order by user_id
    on conflict (conversation_id, user_id) do update set count = unread_counts.count + 1`,
};
const everything = {
  name: "everything",
  text: `with stored as (
      insert into messages (id, conversation_id, sender_id, content)
      select $1, $2, $3, $4 where exists (select 1 from participants where conversation_id = $2 and user_id = $3)
      returning conversation_id, created_at),
    touched as (
      update conversations c set last_message_id = $1, last_message_at = s.created_at from stored s where c.id = s.conversation_id),
    counted as (
      insert into unread_counts (conversation_id, user_id, count)
      select p.conversation_id, p.user_id, 1 from participants p join stored s on s.conversation_id = p.conversation_id
      where p.user_id <> $3 order by p.user_id
      on conflict (conversation_id, user_id) do update set count = unread_counts.count + 1)
    select created_at from stored`,
};

class NotAMember extends Error {}

async function storeInTransaction(id, conversationId, userId, content) {
  const client = await pool.connect();
  try {
    await client.query("begin");
    if ((await client.query({ ...member, values: [conversationId, userId] })).rowCount === 0) throw new NotAMember();
    const { rows } = await client.query({ ...insert, values: [id, conversationId, userId, content] });
    await client.query({ ...touch, values: [conversationId, id, rows[0].created_at] });
    await client.query({ ...count, values: [conversationId, userId] });
    await client.query("commit");
    return rows[0].created_at;
  } catch (error) {
    await client.query("rollback");
    throw error;
  } finally {
    client.release();
  }
}

async function storeInOneStatement(id, conversationId, userId, content) {
  const { rows } = await pool.query({ ...everything, values: [id, conversationId, userId, content] });
  if (rows.length === 0) throw new NotAMember();
  return rows[0].created_at;
}

const store = mode === "statement" ? storeInOneStatement : storeInTransaction;

const http = createServer();
const io = new Server(http, { adapter: createAdapter(redis, subscriber), pingInterval: 120_000, pingTimeout: 120_000 });

io.use((socket, next) => {
  try {
    socket.data.userId = jwt.verify(socket.handshake.auth.token, process.env.JWT_SECRET, { algorithms: ["HS256"] }).sub;
    next();
  } catch {
    next(new Error("unauthorized"));
  }
});

io.on("connection", async (socket) => {
  const { userId } = socket.data;
  socket.on("message:send", async ({ conversationId, content }, acknowledge) => {
    if (typeof content !== "string" || content.length === 0 || content.length > 4000) return acknowledge({ error: "content", code: "validation_failed" });
    const id = randomUUID();
    try {
      const createdAt = await store(id, conversationId, userId, content);
      io.to(`conversation:${conversationId}`).emit("message:new", { id, conversationId, senderId: userId, content, timestamp: createdAt.getTime() });
      acknowledge({ success: true, messageId: id, timestamp: createdAt.getTime() });
    } catch (error) {
      acknowledge(error instanceof NotAMember ? { error: "Not a member of this conversation", code: "forbidden" } : { error: "internal", code: "internal" });
      if (!(error instanceof NotAMember)) console.error(error.message);
    }
  });
  const { rows } = await pool.query({ name: "rooms", text: "select conversation_id from participants where user_id = $1", values: [userId] });
  socket.join(["user:" + userId, ...rows.map((row) => "conversation:" + row.conversation_id)]);
  socket.emit("hello", { userId });
});

http.listen(0, "127.0.0.1", 8192, () => console.log(http.address().port));
process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
