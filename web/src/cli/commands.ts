import { valueOf } from "../crypto/Correspondent";
import type { Account } from "./Account";
import { inbox, read, send } from "./letters";

export const Usage = `united-dm --server URL [--home FOLDER] COMMAND

  register USERNAME [--name NAME] [--invite CODE] [--setup-token TOKEN]
                            makes an identity and an account; prints the 24 recovery words, once
  restore USERNAME          sets up this folder from the backup; reads the words from standard input
                            (with --passphrase: the passphrase). In a folder that is set up: takes renewed words
  publish [--new]           publishes the receiving key, renewed if it is a week old or --new
  send USERNAME [TEXT]      without TEXT each line of standard input is a message
  read USERNAME [--last N]  the newest N messages (50)
  inbox                     what came while nobody was connected, and acknowledges it
  list                      the conversations
  safety USERNAME           the number to compare with them
  verify USERNAME           notes that it was compared and is the same
  words                     makes new recovery words; the old ones open no backup any more that is made from now on
  passphrase                lets the backup be opened with a passphrase too; reads it from standard input (empty: no more)
  backup [--replace]        stores the vault; with --replace also over one that is older than it was before (the server
                            was restored)

The password is read from UNITED_PASSWORD: for register if the account is to have one, for restore always. The server's
address may stand in UNITED_URL, the folder in UNITED_DM_HOME (~/.united-dm). Keys lie in the folder unencrypted.
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
