// usage: node client.mjs CASE URL TRANSPORTS [CLIENT PACKAGE]
// Runs one case of cases.mjs with the real client; exit code 0 where it holds.
import { cases } from "./cases.mjs";

const [, , name, url, transports, client = "socket.io-client"] = process.argv;
const module = await import(client);
const io = module.io ?? module.default;
const sockets = [];

/** A client of its own connection, unless options say otherwise. */
function connect(path = "", options = {}) {
  const socket = io(url + path, { transports: transports.split(","), forceNew: true, reconnectionDelay: 50, ...options });
  sockets.push(socket);
  return socket;
}

setTimeout(() => {
  console.error("timed out");
  process.exit(2);
}, 40_000).unref();

try {
  await cases[name]({ connect, transports: transports.split(",") });
  for (const socket of sockets) socket.disconnect();
  process.exit(0);
} catch (error) {
  console.error(error);
  process.exit(1);
}
