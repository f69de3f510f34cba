// usage: node devices.mjs drops|restart|away URL
// People write, edit, delete, react, read and come and go, while devices of one of them lose their connections: what each of these holds in the end is what
// a device shows that is switched on for the first time. Says "ready" where the server is to be restarted, or the clock to be moved, and goes on at the next line.
import { createInterface } from "node:readline";
import { equal, next, that } from "../../United.SocketIo.Tests/node/check.mjs";
import { Device, Person } from "./device.mjs";

const [, , way, url] = process.argv;
const AtOnce = 5;
const Emoji = ["like", "love", "haha", "wow", "sad", "pray"];
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const pick = (list) => list[Math.floor(Math.random() * list.length)];

setTimeout(() => {
  console.error("timed out");
  process.exit(2);
}, 110_000).unref();

class Town {
  posted = [];

  static async found() {
    const town = new Town();
    town.owner = await Person.register(url, "owner");
    const { code } = await town.owner.rest("POST", "/api/invites", { max_uses: 10 });
    for (const name of ["anna", "berta", "carl"]) town[name] = await Person.register(url, name, code);
    const [anna, berta, carl] = [town.anna, town.berta, town.carl].map((person) => person.id);
    const group = async (name, ...member_ids) => (await town.owner.rest("POST", "/api/conversations", { type: "group", name, member_ids })).id;
    town.busy = await group("busy", anna, berta, carl);
    town.calm = await group("calm", anna, berta, carl);
    town.lost = await group("lost", anna, berta);
    town.won = await group("won", berta);
    town.direct = (await town.berta.rest("POST", "/api/conversations", { type: "direct", user_id: anna })).id;
    town.writers = [town.owner, town.berta].map((person) => ({ person, socket: person.connect() }));
    await Promise.all(town.writers.map(({ socket }) => next(socket, "hello")));
    await town.ask(town.writers[1], "message:send", { conversationId: town.direct, content: "may I?" });
    const calmly = (content) => town.ask(town.writers[0], "message:send", { conversationId: town.calm, content });
    town.said = [await calmly("to be edited"), await calmly("to be deleted"), await calmly("liked for a while"), await calmly("to be liked")].map((answer) => answer.messageId);
    await town.ask(town.writers[1], "reaction:add", { messageId: town.said[2], emoji: "like" });
    await town.anna.rest("POST", `/api/message-requests/${(await town.anna.rest("GET", "/api/message-requests")).items[0].id}/accept`);
    return town;
  }

  /** An act may be refused, or come to nothing while the server is away; it never fails on the server. */
  async ask({ socket }, event, payload) {
    const answer = await socket.ask(event, payload).catch(() => ({ code: "away" }));
    that(answer.code !== "internal", `${event}: ${answer.error}`);
    if (event === "message:send" && answer.success) this.posted.push({ conversationId: payload.conversationId, messageId: answer.messageId, sequence: answer.serverSequence });
    return answer;
  }

  async member(method, group, person, body) {
    await this.owner.rest(method, `/api/conversations/${group}/members${method === "POST" ? "" : `/${person.id}`}`, body).catch((error) => that(error instanceof TypeError, error));
  }

  /** One thing of each kind, by whoever, in a conversation that stays. */
  async act() {
    const writer = pick(this.writers);
    const conversationId = writer.person === this.owner ? this.busy : pick([this.busy, this.direct]);
    await this.ask(writer, "message:send", { conversationId, content: `${this.posted.length}` });
    const of = (conversation) => this.posted.filter((one) => one.conversationId === conversation);
    const { messageId, sequence } = pick(of(this.busy).length ? of(this.busy) : this.posted);
    const other = pick(this.writers);
    await pick([
      () => this.ask(other, "message:edit", { conversationId: this.busy, messageId, content: `${sequence}, changed ${Math.random()}` }),
      () => this.ask(other, "message:delete", { conversationId: this.busy, messageId }),
      () => this.ask(other, "reaction:add", { messageId, emoji: pick(Emoji), toggle: Math.random() < 0.3 }),
      () => this.ask(other, "message:read", { conversationId, sequence }),
      () => this.ask(other, "message:delivered", { conversationId, sequence }),
      () => this.member("POST", this.busy, this.carl, { user_id: this.carl.id }),
      () => this.member("PATCH", this.busy, this.carl, { role: pick(["member", "admin"]) }),
      () => this.member("DELETE", this.busy, this.carl),
      () => this.owner.rest("PATCH", `/api/conversations/${this.busy}`, { name: `busy ${Math.random()}` }).catch((error) => that(error instanceof TypeError, error)),
    ])();
  }

  /** Several at once. */
  async acts(count, between = () => {}) {
    for (let i = 0; i < count; i += AtOnce) {
      await Promise.all(Array.from({ length: AtOnce }, () => this.act()));
      between();
    }
  }

  /** One change of each kind that nothing undoes or repeats: who was away has it from sync alone. */
  async change() {
    const [owner, berta] = this.writers;
    const [edited, deleted, liked, toBeLiked] = this.said;
    await this.ask(owner, "message:edit", { conversationId: this.calm, messageId: edited, content: "edited" });
    await this.ask(owner, "message:delete", { conversationId: this.calm, messageId: deleted });
    await this.ask(berta, "reaction:remove", { messageId: liked, emoji: "like" });
    await this.ask(berta, "reaction:add", { messageId: toBeLiked, emoji: "love" });
    await this.ask(berta, "message:read", { conversationId: this.calm, messageId: toBeLiked });
    await this.member("PATCH", this.calm, this.berta, { role: "admin" });
    await this.member("DELETE", this.calm, this.carl);
    await this.owner.rest("PATCH", `/api/conversations/${this.calm}`, { name: "calmer" });
  }

  /** What changes the list itself: Anna loses one group, and is let into another. */
  async move() {
    await this.member("DELETE", this.lost, this.anna);
    await this.ask(this.writers[0], "message:send", { conversationId: this.lost, content: "without anna" });
    await this.ask(this.writers[0], "message:send", { conversationId: this.won, content: "before anna" });
    await this.member("POST", this.won, this.anna, { user_id: this.anna.id });
  }
}

async function outside() {
  console.log("ready");
  await lines.next();
}

const back = (socket) => (socket.connected ? undefined : next(socket, "hello"));

const ways = {
  /** One connection that breaks, which its client may go on with; one that its client closes, so that it begins anew. */
  async drops(town, [phone, laptop]) {
    const drop = () => {
      if (Math.random() < 0.5 && phone.socket.connected) phone.socket.io.engine.close();
      if (Math.random() < 0.3) laptop.socket.disconnect().connect();
    };
    await town.acts(100, drop);
    laptop.socket.disconnect();
    await town.change();
    laptop.socket.connect();
    await town.move();
    await town.acts(20, drop);
    await Promise.all([phone, laptop].map((device) => back(device.socket)));
    that(phone.breaks.recovered > 0 && laptop.breaks.anew > 0, `both ways: ${JSON.stringify([phone.breaks, laptop.breaks])}`);
  },

  /** Killed in the middle of it. */
  async restart(town, devices) {
    await town.acts(20);
    const on = town.acts(60);
    await outside();
    await on;
    await Promise.all(town.writers.map(({ socket }) => back(socket)));
    await town.change();
    await Promise.all([...devices, ...town.writers].map(({ socket }) => back(socket)));
    await town.move();
    await town.acts(20);
    that(devices.every((device) => device.breaks.anew > 0), "they did begin anew");
  },

  /** More happens in one conversation than one answer holds. Tokens have run out meanwhile. */
  async away(town, devices) {
    await town.acts(30);
    for (const { socket } of devices) socket.disconnect();
    await town.acts(30);
    await town.change();
    await town.move();
    await Promise.all(Array.from({ length: 520 }, (_, i) => town.ask(town.writers[1], "message:send", { conversationId: town.direct, content: `${i}` })));
    await outside();
    for (const { person } of [...town.writers, devices[0]]) await person.logIn();
    for (const { socket } of town.writers) socket.disconnect().connect();
    await Promise.all(town.writers.map(({ socket }) => back(socket)));
    await town.acts(30);
    for (const { socket } of devices) socket.connect();
    await Promise.all(devices.map(({ socket }) => back(socket)));
    await town.acts(10);
  },
};

try {
  const town = await Town.found();
  const devices = await Promise.all([Device.on(town.anna), Device.on(town.anna)]);
  await ways[way](town, devices);
  const fresh = await Device.on(town.anna);
  for (const device of devices) {
    await device.sync();
    equal(device.picture().split("\n"), fresh.picture().split("\n"));
  }
  that(fresh.conversations.has(town.won) && !fresh.conversations.has(town.lost), "the list has changed");
  console.log("ok");
  process.exit(0);
} catch (error) {
  console.error(error);
  process.exit(1);
}
