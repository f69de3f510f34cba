/** Byte strings: joining, comparing, the encodings of the wire. Numbers are big-endian throughout. */
export { fromHex, hexOf } from "../wire/hex";

export type Bytes = Uint8Array<ArrayBuffer>;

const encoder = new TextEncoder();

export const utf8 = (text: string): Bytes => encoder.encode(text);

/** The text, or null where the bytes are no well-formed UTF-8. */
export function textOf(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

export function join(...parts: readonly Uint8Array[]): Bytes {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export const byte = (value: number): Bytes => Uint8Array.of(value);

export function u16(value: number): Bytes {
  return Uint8Array.of(value >>> 8, value);
}

export function u32(value: number): Bytes {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

export function u64(value: number): Bytes {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value));
  return bytes;
}

/** Length-prefixed: two bytes of length, then the bytes. */
export const lp = (bytes: Uint8Array): Bytes => join(u16(bytes.length), bytes);

/** Takes the same time wherever the difference is. */
export function equal(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= (a[i] ?? 0) ^ (b[i] ?? 0);
  return difference === 0;
}

export const isZero = (bytes: Uint8Array): boolean => bytes.every((value) => value === 0);

export function base64Of(bytes: Uint8Array): string {
  let binary = "";
  for (const value of bytes) binary += String.fromCodePoint(value);
  return btoa(binary);
}

/** The standard alphabet with padding; null where the text is anything else. */
export function fromBase64(text: string): Bytes | null {
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)) return null;
  return Uint8Array.from(atob(text), (character) => character.codePointAt(0) ?? 0);
}

export const randomBytes = (length: number): Bytes => crypto.getRandomValues(new Uint8Array(length));

/**
 * Overwrites secrets that are done with. What the engine copied meanwhile (BigInts, moved arrays) is out of reach: this
 * shortens how long a key lies about, it does not promise that no copy is left.
 */
export function wipe(...secrets: readonly (Uint8Array | null | undefined)[]): void {
  for (const secret of secrets) secret?.fill(0);
}
