import { valueOf } from "../crypto/Correspondent";
import type { Account } from "./Account";
import { inbox, read, send } from "./letters";

export const Usage = `Usage: united-dm --server URL [--home FOLDER] COMMAND

  register USERNAME [--name NAME] [--invite CODE] [--setup-token TOKEN]
                            creates an account with an identity, and prints its 24 recovery words, once
  restore USERNAME          sets up this folder from the key backup; reads the 24 words from standard input (with
                            --passphrase, the passphrase). In a folder that is set up already: takes renewed words
  publish [--new]           publishes the receiving key; renews it if it is a week old, or with --new
  send USERNAME [TEXT]      sends TEXT; without it, each line of standard input is a message
  read USERNAME [--last N]  shows the newest N messages (50)
  inbox                     shows, and acknowledges, what came in while no device was connected
  list                      lists the conversations
  safety USERNAME           shows the safety number to compare with theirs
  verify USERNAME           notes that you have compared it, and that it matches
  words                     creates new recovery words; backups from now on no longer open with the old ones
  passphrase                sets a passphrase that opens the backup, too; reads it from standard input (empty: removes it)
  backup [--replace]        stores the key backup; with --replace even over an older one than before (after the server
                            was restored)

The password comes from UNITED_PASSWORD: restore always needs it, register only if the account is to have one. UNITED_URL can
stand for --server, UNITED_DM_HOME for --home (~/.united-dm). The keys in that folder are not encrypted.
`;

export interface Wishes {
  readonly name?: string | undefined;
  readonly invite?: string | undefined;
  readonly "setup-token"?: string | undefined;
  readonly last?: string | undefined;
  readonly new?: boolean | undefined;
  readonly passphrase?: boolean | undefined;
  readonly replace?: boolean | undefined;
  readonly password?: string | undefined;
  readonly print: (line: string) => void;
  readonly input: () => AsyncIterable<string>;
  readonly wait: (time: number) => Promise<void>;
}

type Command = (account: Account, given: readonly string[], wishes: Wishes) => Promise<void>;

/** No token is kept: whoever signed in signs out at the end. */
const once = (command: Command): Command => async (account, given, wishes) => {
  try {
    await command(account, given, wishes);
  } finally {
    await account.remote.logOut().catch(() => undefined);
  }
};

/** Signed in with the identity key. What other devices of the account have changed is known before. */
const signedIn = (command: Command, upToDate = true): Command =>
  once(async (account, given, wishes) => {
    await account.signIn();
    if (upToDate) await account.catchUp();
    await command(account, given, wishes);
  });

export const commands: Readonly<Record<string, Command>> = {
  register: once(async (account, [username = ""], { name, invite, password, print, "setup-token": setupToken }) => {
    const words = await account.register({
      username, displayName: name ?? username,
      ...(password ? { password } : {}), ...(invite ? { invite } : {}), ...(setupToken ? { setupToken } : {}),
    });
    print(words.join(" "));
    await account.store();
    await account.publish(false);
  }),

  restore: once(async (account, [username = ""], { password = "", passphrase, input, print }) => {
    const lines: string[] = [];
    for await (const line of input()) lines.push(line);
    const by = passphrase ? { passphrase: lines[0] ?? "" } : { words: lines.join(" ") };
    await account.restore(username, password, by);
    print("restored");
    await account.publish(false);
  }),

  publish: signedIn(async (account, _, wishes) => wishes.print((await account.publish(wishes.new ?? false)) ? "a new key" : "the same key")),

  send: signedIn(async (account, [username = "", ...text], { input, print, wait }) => {
    const { conversationId, peer } = await account.meet(username);
    await account.adoptKey(peer);
    if (text.length > 0) return print(String(await send(account, conversationId, text.join(" "), wait)));
    for await (const line of input()) if (line !== "") print(String(await send(account, conversationId, line, wait)));
  }),

  read: signedIn(async (account, [username = ""], { last = "50", print }) => {
    const { conversationId } = await account.meet(username);
    for (const line of await read(account, conversationId, Math.max(1, Number.parseInt(last, 10) || 50))) print(line);
  }),

  inbox: signedIn(async (account, _, { print }) => {
    for (const line of await inbox(account)) print(line);
  }),

  list: signedIn(async (account, _, { print }) => {
    for (const { id, peer, unread } of await account.talks()) print(`${id}\t${peer.name}\t${unread}`);
  }),

  safety: signedIn(async (account, [username = ""], { print }) => {
    const { peer } = await account.meet(username);
    print(valueOf(await account.engine.safetyNumber(peer.publicKey)).groups.join(" "));
  }),

  verify: signedIn(async (account, [username = ""], { print }) => {
    const { peer } = await account.meet(username);
    valueOf(await account.engine.verify(peer.id, peer.publicKey));
    await account.store();
    print("verified");
  }),

  words: signedIn(async (account, _, { print }) => {
    const words = (await account.engine.newWords()).join(" ");
    print(words);
    valueOf(await account.engine.renewWords(words));
    await account.store();
  }),

  passphrase: signedIn(async (account, _, { input, print }) => {
    let passphrase = "";
    for await (const line of input()) passphrase ||= line;
    valueOf(await account.engine.setPassphrase(passphrase || null));
    await account.store();
    print(passphrase ? "set" : "taken away");
  }),

  backup: signedIn(async (account, _, { replace = false, print }) => {
    await account.store(replace);
    print("backed up");
  }, false),
};
