import { base64Of, hexOf } from "../crypto/bytes";
import type { Outcome, Sealed, Shown } from "../crypto/correspondence";
import { inOrder, type Missing } from "../crypto/Ledger";
import { Refusals } from "../crypto/refusal";
import { isProblem } from "../wire/problem";
import { valueOf } from "../crypto/Correspondent";
import type { Account } from "./Account";
import type { Letter } from "../crypto/Relay";

/** Sending and reading, as lines of text. */
const PageSize = 100;
const Delays = [500, 2000, 8000];

/** @returns Its number in the conversation. */
export async function send(account: Account, conversationId: string, text: string, wait: (time: number) => Promise<void>): Promise<number> {
  const sealed = valueOf(await account.engine.seal(conversationId, { kind: "text", text }));
  try {
    return (await sent(account, conversationId, sealed, wait)).sequence;
  } catch (error) {
    if (isProblem(error) && !error.passing) valueOf(await account.engine.abandon(conversationId, sealed.messageId));
    throw error;
  }
}

/** The same bytes as often as it takes: the server stores them once. */
async function sent(account: Account, conversationId: string, sealed: Sealed, wait: (time: number) => Promise<void>): Promise<Letter> {
  for (const delay of Delays) {
    try {
      return await account.remote.send(conversationId, sealed, hexOf(sealed.messageId));
    } catch (error) {
      if (!isProblem(error) || !error.passing) throw error;
      await wait(error.retryAfter ?? delay);
    }
  }
  return account.remote.send(conversationId, sealed, hexOf(sealed.messageId));
}

/** The newest messages of a conversation, oldest first. */
export async function read(account: Account, conversationId: string, most: number): Promise<string[]> {
  const letters: Letter[] = [];
  let more = true;
  while (more && letters.length < most) {
    const page = await account.remote.page(conversationId, letters.at(-1)?.sequence ?? null, Math.min(PageSize, most - letters.length));
    letters.push(...page.letters);
    more = page.more && page.letters.length > 0;
  }
  return opened(account, conversationId, letters, more ? lowest(letters) : 0);
}

/** What came while no device was connected, acknowledged once it has been opened and noted; and of whom something waited too long for that. */
export async function inbox(account: Account): Promise<string[]> {
  const late = (await account.talks()).filter(({ expired }) => expired > 0);
  const lines = late.map(({ peer, expired }) => lateLine(peer.name, expired));
  for (let letters = await account.remote.waiting(); letters.length > 0; letters = await account.remote.waiting()) {
    const peers = new Map((await account.talks()).map(({ id, peer }) => [id, peer]));
    for (const id of new Set(letters.map(({ conversationId }) => conversationId))) {
      const own = letters.filter(({ conversationId }) => conversationId === id);
      const peer = peers.get(id);
      if (peer === undefined) {
        lines.push(formerLine(own.length));
        continue;
      }
      valueOf(await account.engine.open(id, own[0]?.senderId ?? "", peer.publicKey));
      lines.push(...(await opened(account, id, own, lowest(own))));
    }
    if ((await account.remote.acknowledge(letters.map(({ id }) => id))) === 0) break;
  }
  return lines;
}

const lowest = (letters: readonly Letter[]): number => Math.min(...letters.map(({ sequence }) => sequence));

/** @param from Where what was asked for begins: of what lies before, nothing can be said to be missing. */
async function opened(account: Account, conversationId: string, letters: readonly Letter[], from: number): Promise<string[]> {
  const arrived = letters.flatMap(({ incoming }) => incoming ?? []);
  const { outcomes, missing } = valueOf(await account.engine.receive(conversationId, arrived));
  const names = new Map(letters.map(({ sequence, senderName }) => [sequence, senderName]));
  const refused = outcomes.flatMap((one) => (one.kind === "refused" ? [refusalLine(one)] : []));
  return [...inOrder(outcomes.filter(isShown)).map((one) => line(one, names.get(one.sequence) ?? "")), ...refused, ...missing.filter(({ afterSequence }) => afterSequence + 1 >= from).map(missingLine)];
}

const isShown = (outcome: Outcome): outcome is Shown => outcome.kind === "shown" || outcome.kind === "again";

function line({ sequence, sentAt, body, warnings, messageId }: Shown, name: string): string {
  const told = warnings.map((warning) => ` [${warning}]`).join("");
  return `${sequence}\t${new Date(sentAt).toISOString()}\t${plain(name)}\t${words(body)}${told}\t${base64Of(messageId)}`;
}

function words(body: Shown["body"]): string {
  switch (body.kind) {
    case "text":
      return plain(body.text);
    case "edit":
      return `(now) ${plain(body.text)} (was ${base64Of(body.messageId)})`;
    case "delete":
      return `(deleted ${base64Of(body.messageId)})`;
    case "reaction":
      return `(${body.removed ? "took back " : ""}${plain(body.emoji)} for ${base64Of(body.messageId)})`;
  }
}

const refusalLine = (outcome: Outcome & { kind: "refused" }): string =>
  `${outcome.sequence}\t-\t-\t(not shown, ${outcome.refusal.code}: ${Refusals[outcome.refusal.code].means})`;

const missingLine = ({ from, to, mine, afterSequence, beforeSequence }: Missing): string =>
  `-\t-\t-\t(${to - from + 1} ${mine ? "of mine " : ""}missing between ${afterSequence || "the beginning"} and ${beforeSequence})`;

const formerLine = (count: number): string => `-\t-\t-\t(${count} not shown: they are for an identity that you have given up)`;

const lateLine = (name: string, count: number): string => `-\t-\t${plain(name)}\t(${count} waited for more than 30 days: read them)`;

/** A terminal obeys control characters: what others wrote must not reach it as they wrote it. */
const plain = (text: string): string => text.replaceAll(/[\p{Cc}\p{Cf}]/gu, (character) => (character === "\n" ? " ⏎ " : character === "\u200D" ? character : "\uFFFD"));
