import type { Conversation } from "../../wire/shapes";

/** Channels by category, then by their place in it, then by name. */
export const ordered = (byId: ReadonlyMap<string, Conversation>): readonly Conversation[] =>
  [...byId.values()]
    .filter((conversation) => conversation.kind === "channel")
    .toSorted((a, b) => a.category.localeCompare(b.category) || a.position - b.position || a.name.localeCompare(b.name));
