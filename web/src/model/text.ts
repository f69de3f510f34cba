import type { User } from "../wire/shapes";

/** What a message's text is made of. Line breaks stay in the text pieces. */
export type Piece =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "link"; readonly href: string; readonly text: string }
  | { readonly kind: "user"; readonly id: string }
  | { readonly kind: "role"; readonly id: string }
  | { readonly kind: "everyone" };

const Uuid = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
const Marks = new RegExp(`@(user|role):(${Uuid})|(@everyone)\\b|(https?://[^\\s<>"]+)`, "g");

export function pieces(content: string): Piece[] {
  const found: Piece[] = [];
  let from = 0;
  const upTo = (at: number): void => {
    if (at > from) found.push({ kind: "text", text: content.slice(from, at) });
  };
  for (const match of content.matchAll(Marks)) {
    const [whole, kind, id, everyone, address] = match;
    const piece = address ? link(address) : everyone ? ({ kind: "everyone" } as const) : mention(kind, id);
    if (piece === null) continue;
    upTo(match.index);
    found.push(piece);
    from = match.index + (piece.kind === "link" ? trimmed(address ?? "").length : whole.length);
  }
  upTo(content.length);
  return found;
}

/** Only emoji, and few of them: shown large. */
export const isBigEmoji = (content: string): boolean => BigEmoji.test(content.trim());

const Emoji = "(?:\\p{RI}{2}|[0-9#*]\\uFE0F?\\u20E3|\\p{ExtPict}[\\uFE0F\\p{EMod}]*(?:\\u200D\\p{ExtPict}[\\uFE0F\\p{EMod}]*)*)";
const BigEmoji = new RegExp(`^(?:${Emoji}\\s?){1,6}$`, "u");

/** `@ada` of a known member becomes the mention that the wire carries. */
export function withMentions(written: string, users: Iterable<User>): string {
  const byName = new Map([...users].map((user) => [user.username, user.id]));
  return written.replace(/(^|[\s(["'{])@([a-z0-9_.-]{2,32})/gi, (whole, before: string, name: string) => {
    // A full stop or dash at the end may be the sentence's, not the name's.
    for (let length = name.length; length >= 2; length--) {
      const id = byName.get(name.slice(0, length).toLowerCase());
      if (id !== undefined && /^[.-]*$/.test(name.slice(length))) return `${before}@user:${id}${name.slice(length)}`;
    }
    return whole;
  });
}

/** The inverse: what the author sees when they edit. */
export const withNames = (content: string, users: ReadonlyMap<string, User>): string =>
  content.replace(new RegExp(`@user:(${Uuid})`, "g"), (whole, id: string) => {
    const user = users.get(id);
    return user ? `@${user.username}` : whole;
  });

const mention = (kind: string | undefined, id: string | undefined): Piece | null =>
  id === undefined ? null : kind === "user" ? { kind: "user", id } : { kind: "role", id };

function link(address: string): Piece | null {
  const text = trimmed(address);
  if (!URL.canParse(text)) return null;
  const { href, host } = new URL(text);
  // A host in another script is shown as it is resolved, so that look-alikes are seen.
  return { kind: "link", href, text: text.toLowerCase().includes(host) ? text : href };
}

/** Without the punctuation of the sentence around it; a closing bracket stays if it was opened inside. */
function trimmed(address: string): string {
  let end = address.length;
  while (end > 0) {
    const last = address[end - 1] ?? "";
    const opened = last === ")" && address.slice(0, end).split("(").length >= address.slice(0, end).split(")").length;
    if (opened || !/[.,;:!?'")\]}*_]/.test(last)) break;
    end--;
  }
  return address.slice(0, end);
}
