import { describe, expect, it } from "vitest";
import { user } from "../testing/shapes";
import { isBigEmoji, pieces, withMentions, withNames } from "./text";

const id = "0192f3c1-2b3c-7d4e-8f90-123456789abc";
const links = (content: string) => pieces(content).flatMap((piece) => (piece.kind === "link" ? [piece] : []));

describe("a message's text", () => {
  it("finds links and leaves the sentence's punctuation outside", () => {
    const [text, link, rest] = pieces("see https://example.org/a?b=1#c, please.");
    expect(text).toEqual({ kind: "text", text: "see " });
    expect(link).toEqual({ kind: "link", href: "https://example.org/a?b=1#c", text: "https://example.org/a?b=1#c" });
    expect(rest).toEqual({ kind: "text", text: ", please." });
  });

  it("keeps a closing bracket that was opened in the address", () => {
    expect(links("(https://example.org/wiki/Moon_(disambiguation))")[0]?.text).toBe("https://example.org/wiki/Moon_(disambiguation)");
  });

  it("takes no other scheme for a link", () => {
    expect(links("javascript:alert(1) data:text/html,x ftp://example.org mailto:a@b.c")).toEqual([]);
  });

  it("shows a host in another script as it is resolved", () => {
    expect(links("https://аpple.com/")[0]?.text).toBe("https://xn--pple-43d.com/");
  });

  it("finds mentions", () => {
    expect(pieces(`@user:${id} and @role:${id}, @everyone`).filter(({ kind }) => kind !== "text")).toEqual([
      { kind: "user", id }, { kind: "role", id }, { kind: "everyone" },
    ]);
    expect(pieces("mail@user:nobody @everyones").map(({ kind }) => kind)).toEqual(["text"]);
  });

  it("loses nothing of what was written", () => {
    const content = `a https://example.org. b @user:${id}\n\n@everyone! c`;
    const back = pieces(content).map((piece) =>
      piece.kind === "text" || piece.kind === "link" ? piece.text : piece.kind === "everyone" ? "@everyone" : `@${piece.kind}:${piece.id}`,
    );
    expect(back.join("")).toBe(content);
  });

  it("shows a few emoji alone large", () => {
    expect(["👍", "👍🏽 🎉", "👨‍👩‍👧", "🇩🇪", "1️⃣", "❤️"].every(isBigEmoji)).toBe(true);
    expect(["", "a", "1", "👍 yes", "👍👍👍👍👍👍👍"].some(isBigEmoji)).toBe(false);
  });
});

describe("mentions in the composer", () => {
  const ada = user(id, { username: "ada.l" });

  it("become what the wire carries, for members only", () => {
    expect(withMentions("@ada.l: hi (@Ada.L) @ada.l. @eve a@ada.l", [ada])).toBe(`@user:${id}: hi (@user:${id}) @user:${id}. @eve a@ada.l`);
  });

  it("come back as names for whoever edits", () => {
    const users = new Map([[id, ada]]);
    expect(withNames(`@user:${id} hi`, users)).toBe("@ada.l hi");
    expect(withNames("@user:0192f3c1-2b3c-7d4e-8f90-000000000000", users)).toBe("@user:0192f3c1-2b3c-7d4e-8f90-000000000000");
  });
});
