// The peer of bench/socketio: the original, as plain as its documentation shows it. Prints its port.
import { createServer } from "node:http";
import { Server } from "socket.io";

const http = createServer();
const io = new Server(http, { pingInterval: 120_000, pingTimeout: 120_000 });
io.on("connection", (socket) => {
  socket.on("echo", (value, ack) => ack(value));
  socket.on("broadcast", (value) => io.emit("news", value));
});
http.listen(0, "127.0.0.1", 4096, () => console.log(http.address().port));
process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
