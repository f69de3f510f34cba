import { sha512 } from "@noble/hashes/sha2.js";
import { byte, type Bytes, equal, join, utf8 } from "./bytes";

/**
 * What two people compare to know that nobody stands between them: 60 digits, or a code to scan. It is made of the two
 * identity keys alone, so a change of the keys that messages are received with does not disturb it.
 */
const Rounds = 5200;
const Version = byte(1);
const Label = utf8("chat.safety.v1");

export interface SafetyNumber {
  /** Twelve groups of five. The same on both sides. */
  readonly groups: readonly string[];
  /** What the other side scans. */
  readonly code: Bytes;
}

export function safetyNumber(mine: Uint8Array, theirs: Uint8Array): SafetyNumber {
  const [own, other] = [fingerprint(mine), fingerprint(theirs)];
  const halves = [digits(own), digits(other)].toSorted((a, b) => (a.join("") < b.join("") ? -1 : 1));
  return { groups: halves.flat(), code: join(Version, own.subarray(0, 32), other.subarray(0, 32)) };
}

/** Whether the code on their screen, scanned, says the same as ours: each side's hash stands where it belongs. */
export function codesMatch(mine: SafetyNumber, scanned: Uint8Array): boolean {
  const { code } = mine;
  return equal(scanned, join(Version, code.subarray(33, 65), code.subarray(1, 33)));
}

/** h₁ = SHA-512(label ‖ key), hₙ = SHA-512(hₙ₋₁ ‖ key); the 5200th. */
function fingerprint(key: Uint8Array): Bytes {
  let hash = sha512(join(Label, key));
  for (let round = 1; round < Rounds; round++) hash = sha512(join(hash, key));
  return hash as Bytes;
}

function digits(hash: Bytes): string[] {
  return Array.from({ length: 6 }, (_, group) => {
    const number = hash.subarray(5 * group, 5 * group + 5).reduce((sum, value) => sum * 256 + value, 0);
    return String(number % 100_000).padStart(5, "0");
  });
}
