import type { Refusal } from "../crypto/refusal";

export type { RefusalCode } from "../crypto/refusal";

/** What the encryption library refused, as an error for the screen. */
class Refused extends Error {
  constructor(readonly refusal: Refusal) {
    super(refusal.code);
  }
}

export function valueOf<T>(result: { readonly ok: true; readonly value: T } | { readonly ok: false; readonly refusal: Refusal }): T {
  if (!result.ok) throw new Refused(result.refusal);
  return result.value;
}

/** The library throws an error of its own where it takes several steps at once: known by what it carries, since its class is loaded late. */
export const refusalOf = (error: unknown): Refusal | null =>
  error instanceof Error && "refusal" in error ? (error.refusal as Refusal) : null;
