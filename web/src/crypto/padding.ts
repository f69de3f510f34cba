import type { Bytes } from "./bytes";

export const MaxContent = 64 * 1024;
const Marker = 0x80;
const Smallest = 256;

/** 0x80 and zeros up to the padded length, which tells at most a dozen per cent of the true one (PURBs: Padmé). */
export function pad(content: Uint8Array): Bytes {
  const padded = new Uint8Array(paddedLength(content.length));
  padded.set(content);
  padded[content.length] = Marker;
  return padded;
}

/** The content, or null where the padding is not exactly what {@link pad} would have made. */
export function unpad(padded: Uint8Array): Uint8Array | null {
  let end = padded.length - 1;
  while (end >= 0 && padded[end] === 0) end--;
  return end >= 0 && padded[end] === Marker && paddedLength(end) === padded.length ? padded.subarray(0, end) : null;
}

function paddedLength(content: number): number {
  const length = content + 1;
  if (length <= Smallest) return Smallest;
  const exponent = Math.floor(Math.log2(length));
  const kept = Math.floor(Math.log2(exponent)) + 1;
  const mask = 2 ** (exponent - kept) - 1;
  return (length + mask) & ~mask;
}
