import { create } from "@bufbuild/protobuf";
import { type Conversation, type Device, DeviceSchema, type Gap, GapSchema, type Placed, PlacedSchema } from "../wire/gen/dm_state_pb";
import { equal, hexOf } from "./bytes";
import type { Content } from "./content";
import { Day } from "./published";

/**
 * Which messages of a conversation have come here: the server may repeat, reorder or withhold what it cannot read. Every
 * device numbers what it sends and names the payload before, so a hole is seen, and a message is shown once.
 *
 * Where the server's order and a device's own numbers disagree, `reordered` says so; the numbers are right.
 */
export type Warning =
  /** The server may have withheld or reordered messages. */
  | "reordered"
  /** Older than what this installation remembers: it may be a repetition. */
  | "unverifiable"
  /** The author's time and the server's differ by more than five minutes. */
  | "clock";

export interface Arrival {
  readonly mine: boolean;
  readonly content: Content;
  /** SHA-256 of the payload. */
  readonly hash: Uint8Array;
  readonly sequence: bigint;
}

export type Verdict =
  | { readonly kind: "shown" | "again"; readonly warnings: readonly Warning[] }
  | { readonly kind: "duplicate" }
  | { readonly kind: "id_reused" };

/** Messages that were sent and have not come: missing, once the caller has asked for all there is between the neighbours. */
export interface Missing {
  readonly mine: boolean;
  readonly deviceId: Uint8Array;
  /** The device's own numbers, both included. */
  readonly from: number;
  readonly to: number;
  /** When the hole was noticed, Unix milliseconds: after a day it hardly fills any more. */
  readonly since: number;
  /** Numbers of the neighbours in the conversation; 0 where it is not known here. */
  readonly afterSequence: number;
  readonly beforeSequence: number;
}

const KeptFor = 45 * Day;
const MaxPlaced = 4096;
const MaxDevices = 64;
const MaxGaps = 256;

/** Works on the conversation's state in place; whoever holds it saves it. */
export class Ledger {
  constructor(private readonly conversation: Conversation) {}

  judge(arrival: Arrival, now: number): Verdict {
    const { mine, content, hash, sequence } = arrival;
    const known = this.find(mine, content.messageId);
    if (known !== undefined && !equal(known.hash, hash)) return { kind: "id_reused" };
    if (known !== undefined && known.sequence === sequence) return { kind: "again", warnings: [] };
    if (known !== undefined && known.sequence !== 0n) return { kind: "duplicate" };
    const warnings = new Set([...this.settle(arrival, now), ...this.beforeItsCause(arrival)]);
    if (known === undefined) this.place(arrival, now);
    else this.returned(known, sequence);
    return { kind: "shown", warnings: [...warnings] };
  }

  /** Notes a message that goes out, so that it is known when it comes back. */
  sent(messageId: Uint8Array, hash: Uint8Array, now: number): void {
    this.add(create(PlacedSchema, { mine: true, messageId, hash, at: BigInt(now) }));
  }

  /** Takes back {@link sent}; false if it has come back meanwhile, or is not the newest. */
  takeBack(messageId: Uint8Array): boolean {
    const newest = this.conversation.placed.findLast((one) => one.mine && one.sequence === 0n);
    if (newest === undefined || !equal(newest.messageId, messageId)) return false;
    this.conversation.placed.splice(this.conversation.placed.indexOf(newest), 1);
    return true;
  }

  /** Whose message that is; null if it is not known here. */
  authorOf(messageId: Uint8Array): "me" | "peer" | null {
    if (this.find(true, messageId) !== undefined) return "me";
    return this.find(false, messageId) === undefined ? null : "peer";
  }

  missing(): Missing[] {
    return this.conversation.devices.flatMap(({ mine, deviceId, gaps }) =>
      gaps.map((gap) => ({
        mine, deviceId, from: Number(gap.from), to: Number(gap.to), since: Number(gap.since),
        afterSequence: Number(gap.afterSequence), beforeSequence: Number(gap.beforeSequence),
      })),
    );
  }

  private find(mine: boolean, messageId: Uint8Array): Placed | undefined {
    return this.conversation.placed.find((one) => one.mine === mine && same(one.messageId, messageId));
  }

  private settle(arrival: Arrival, now: number): Warning[] {
    const { mine, content, sequence } = arrival;
    const device = this.deviceOf(mine, content.deviceId);
    if (content.counter > device.highest) return advance(device, arrival, now);
    const gap = device.gaps.find(({ from, to }) => from <= content.counter && content.counter <= to);
    if (gap !== undefined) return fill(device, gap, arrival);
    return content.counter <= device.floor || sequence <= this.conversation.forgottenSequence ? ["unverifiable"] : ["reordered"];
  }

  /** A message says which one its author had seen: it cannot stand before that. */
  private beforeItsCause({ content, sequence }: Arrival): Warning[] {
    const cause = this.conversation.placed.find(({ hash }) => same(hash, content.seen));
    return cause !== undefined && cause.sequence > sequence ? ["reordered"] : [];
  }

  private place({ mine, content, hash, sequence }: Arrival, now: number): void {
    this.add(create(PlacedSchema, { mine, messageId: content.messageId, hash, sequence, at: BigInt(now) }));
    if (mine || sequence <= this.conversation.lastSeenSequence) return;
    this.conversation.lastSeen = hash;
    this.conversation.lastSeenSequence = sequence;
  }

  /** What this device sent has come back, and has a number now. */
  private returned(one: Placed, sequence: bigint): void {
    const { placed } = this.conversation;
    placed.splice(placed.indexOf(one), 1);
    one.sequence = sequence;
    this.add(one);
  }

  /** By number, what has none yet last: so the oldest go first, also where a history is read backwards. */
  private add(one: Placed): void {
    const { placed } = this.conversation;
    const place = one.sequence === 0n ? placed.length : placed.findLastIndex(({ sequence }) => sequence !== 0n && sequence < one.sequence) + 1;
    placed.splice(place, 0, one);
    while (placed.length > MaxPlaced || (placed[0]?.at ?? one.at) < one.at - BigInt(KeptFor)) this.forget(placed.shift());
  }

  private forget(one: Placed | undefined): void {
    if (one !== undefined && one.sequence > this.conversation.forgottenSequence) this.conversation.forgottenSequence = one.sequence;
  }

  private deviceOf(mine: boolean, deviceId: Uint8Array): Device {
    const { devices } = this.conversation;
    const known = devices.find((one) => one.mine === mine && equal(one.deviceId, deviceId));
    if (known !== undefined) return known;
    const added = create(DeviceSchema, { mine, deviceId });
    const ofAuthor = devices.filter((one) => one.mine === mine);
    // A peer could name devices without end: the one that has been silent the longest makes room.
    const silent = ofAuthor.length >= MaxDevices ? ofAuthor.reduce((a, b) => (a.lastSequence <= b.lastSequence ? a : b)) : null;
    if (silent !== null) devices.splice(devices.indexOf(silent), 1);
    devices.push(added);
    return added;
  }
}

function advance(device: Device, { content, hash, sequence }: Arrival, now: number): Warning[] {
  const { counter, prev } = content;
  const broken = sequence < device.lastSequence;
  const next = counter === device.highest + 1n;
  const unchained = next && device.last.length > 0 && !equal(prev, device.last);
  if (!next) {
    device.gaps.push(create(GapSchema, {
      from: device.highest + 1n, to: counter - 1n, since: BigInt(now),
      afterSequence: device.lastSequence, beforeSequence: sequence, below: device.last, above: prev,
    }));
    prune(device);
  }
  Object.assign(device, { highest: counter, last: hash, lastSequence: sequence });
  return broken || unchained ? ["reordered"] : [];
}

function fill(device: Device, gap: Gap, { content, hash, sequence }: Arrival): Warning[] {
  const { counter, prev } = content;
  const lower: Gap = { ...gap, to: counter - 1n, beforeSequence: sequence, above: prev };
  const upper: Gap = { ...gap, from: counter + 1n, afterSequence: sequence, below: hash };
  const rest = [lower, upper].filter(({ from, to }) => from <= to);
  device.gaps.splice(device.gaps.indexOf(gap), 1, ...rest);
  prune(device);
  const unchained =
    (counter === gap.from && gap.below.length > 0 && !equal(prev, gap.below)) || (counter === gap.to && !equal(hash, gap.above));
  const misplaced = sequence < gap.afterSequence || sequence > gap.beforeSequence;
  return unchained || misplaced ? ["reordered"] : [];
}

/** Past the bound the oldest hole is given up: what should come after all is shown as unverifiable. */
function prune(device: Device): void {
  while (device.gaps.length > MaxGaps) {
    const oldest = device.gaps.shift();
    if (oldest !== undefined && oldest.to > device.floor) device.floor = oldest.to;
  }
}

/** Ids and hashes are no secrets, and most differ at once: looking through all of them is cheaper than an index made anew for each message. */
const same = (a: Uint8Array, b: Uint8Array): boolean => a[0] === b[0] && equal(a, b);

const nameOf = (mine: boolean, messageId: Uint8Array): string => `${mine ? "me" : "peer"} ${hexOf(messageId)}`;

/**
 * Messages in the order to show them in: by the server's numbers, except that those of one device stand in the order in which
 * that device numbered them.
 */
export function inOrder<T extends { readonly sequence: number; readonly mine: boolean; readonly deviceId: Uint8Array; readonly counter: bigint }>(
  messages: readonly T[],
): T[] {
  const bySequence = messages.toSorted((a, b) => a.sequence - b.sequence);
  const byDevice = new Map<string, T[]>();
  for (const one of bySequence) {
    const name = nameOf(one.mine, one.deviceId);
    byDevice.set(name, [...(byDevice.get(name) ?? []), one]);
  }
  for (const own of byDevice.values()) own.sort((a, b) => (a.counter < b.counter ? -1 : 1));
  return bySequence.flatMap(({ mine, deviceId }) => byDevice.get(nameOf(mine, deviceId))?.shift() ?? []);
}
