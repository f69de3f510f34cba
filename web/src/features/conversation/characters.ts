/** What a message may hold, counted as the server counts: Unicode scalar values. */
export const MostCharacters = 4_000;

/** From here on the composer shows how many are left. */
export const CountedFrom = 3_800;

export function characters(written: string): number {
  // No text has more scalar values than code units: short ones need no walk.
  if (written.length < CountedFrom) return written.length;
  let count = 0;
  for (const _ of written) count++;
  return count;
}
