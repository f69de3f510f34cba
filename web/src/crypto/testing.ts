import { fromHex } from "./bytes";
import type { Result } from "./refusal";

/** What only the tests need of the library. */
export const bytes = (hex: string): Uint8Array<ArrayBuffer> => {
  const parsed = fromHex(hex, hex.length / 2);
  if (parsed === null) throw new Error(`no hex: ${hex}`);
  return parsed;
};

export function valueOf<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`refused: ${result.refusal.code}`);
  return result.value;
}

export const codeOf = (result: Result<unknown>): string => (result.ok ? "accepted" : result.refusal.code);

export function flipped(original: Uint8Array, bit: number): Uint8Array<ArrayBuffer> {
  const copy = Uint8Array.from(original);
  copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return copy;
}
