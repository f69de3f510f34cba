import type { Outcome, Shown } from "../crypto/correspondence";
import type { Letter } from "../crypto/Relay";
import type { Refusal } from "../crypto/refusal";
import { hexOf } from "../wire/hex";

/** A letter, and what the library made of it; null where there is nothing in it any more. */
export interface Opened {
  readonly letter: Letter;
  readonly outcome: Outcome | null;
}

interface EntryBase {
  readonly id: string;
  readonly clientId: string;
  readonly sequence: number;
  readonly senderId: string;
  readonly senderName: string;
  readonly at: number;
}

/** What is shown of a letter: its text, or why it has none. */
export type Entry =
  | (EntryBase & { readonly kind: "text"; readonly text: string; readonly edited: boolean; readonly warnings: Shown["warnings"] })
  | (EntryBase & { readonly kind: "refused"; readonly refusal: Refusal });

type InOrder = <T extends Shown>(shown: readonly T[]) => T[];

/** Edits and deletions of other clients are carried out; the library has seen to it that they are their author's own. */
export function entriesOf(opened: readonly Opened[], inOrder: InOrder): Entry[] {
  const letters = new Map(opened.map(({ letter }) => [letter.sequence, letter]));
  const shown = inOrder(opened.flatMap(({ outcome }) => (outcome?.kind === "shown" || outcome?.kind === "again" ? [outcome] : [])));
  const changes = new Map(shown.flatMap(({ mine, body }) => (body.kind === "edit" || body.kind === "delete" ? [[nameOf(mine, body.messageId), body] as const] : [])));
  const texts = shown.flatMap((one): Entry[] => {
    const letter = letters.get(one.sequence);
    const change = changes.get(nameOf(one.mine, one.messageId));
    if (letter === undefined || one.body.kind !== "text" || change?.kind === "delete") return [];
    const { body: { text }, warnings, sentAt } = one as Shown & { readonly body: { readonly text: string } };
    return [{ kind: "text", ...baseOf(letter, sentAt), text: change?.kind === "edit" ? change.text : text, edited: change?.kind === "edit", warnings }];
  });
  const refused = opened.flatMap(({ letter, outcome }): Entry[] =>
    outcome?.kind === "refused" ? [{ kind: "refused", ...baseOf(letter, letter.incoming?.timestamp ?? 0), refusal: outcome.refusal }] : [],
  );
  return merged(texts, refused);
}

/** What did not open goes to its place by number; the texts keep the order that they have. */
function merged(texts: readonly Entry[], refused: readonly Entry[]): Entry[] {
  const all = [...texts];
  for (const entry of refused) {
    const at = all.findIndex(({ sequence }) => sequence > entry.sequence);
    all.splice(at === -1 ? all.length : at, 0, entry);
  }
  return all;
}

const baseOf = ({ id, clientId, sequence, senderId, senderName }: Letter, at: number): EntryBase => ({ id, clientId, sequence, senderId, senderName, at });

const nameOf = (mine: boolean, messageId: Uint8Array): string => `${mine ? "me" : "peer"} ${hexOf(messageId)}`;
