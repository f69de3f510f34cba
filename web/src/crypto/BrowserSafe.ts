import { type Bytes, join, randomBytes, utf8 } from "./bytes";
import { type Safe, Turns } from "./Safe";

/**
 * State in IndexedDB, encrypted under an AES key that the browser uses but never hands out: a copy of the profile's files
 * made by a script gives nothing. Tabs take turns by a Web Lock, and nothing is kept in memory between turns.
 */
export class BrowserSafe implements Safe {
  private readonly turns = new Turns();

  private constructor(
    private readonly lock: string,
    private readonly database: IDBDatabase,
    private readonly key: CryptoKey,
  ) {}

  /** @param account Whose state: each account on this origin has records of its own. Needs a secure context. */
  static async open(account: string): Promise<BrowserSafe> {
    const name = `united-dm-${account}`;
    const opening = indexedDB.open(name, 1);
    opening.addEventListener("upgradeneeded", () => {
      opening.result.createObjectStore(Records);
      opening.result.createObjectStore(Keys);
    });
    const database = await done(opening);
    return new BrowserSafe(name, database, await keyOf(database));
  }

  async read(name: string): Promise<Bytes | null> {
    const sealed = await done<Bytes | undefined>(this.database.transaction(Records).objectStore(Records).get(name));
    if (sealed === undefined) return null;
    const plain = await crypto.subtle.decrypt(under(name, sealed.slice(0, IvLength)), this.key, sealed.slice(IvLength));
    return new Uint8Array(plain);
  }

  async names(): Promise<string[]> {
    return (await done(this.database.transaction(Records).objectStore(Records).getAllKeys())).map(String);
  }

  async write(changes: ReadonlyMap<string, Bytes | null>): Promise<void> {
    // Encrypted first: a transaction ends by itself as soon as it has to wait for anything else.
    const sealed = await Promise.all([...changes].map(async ([name, plain]) => [name, plain && (await this.seal(name, plain))] as const));
    const transaction = this.database.transaction(Records, "readwrite", { durability: "strict" });
    const store = transaction.objectStore(Records);
    for (const [name, record] of sealed) {
      if (record === null) store.delete(name);
      else store.put(record, name);
    }
    await new Promise<void>((resolve, reject) => {
      transaction.addEventListener("complete", () => resolve());
      transaction.addEventListener("abort", () => reject(transaction.error ?? new Error("the browser gave up a write")));
    });
  }

  alone<T>(work: () => Promise<T>): Promise<T> {
    const locks = navigator.locks as LockManager | undefined;
    return locks === undefined ? this.turns.take(work) : (locks.request(this.lock, work) as Promise<T>);
  }

  private async seal(name: string, plain: Bytes): Promise<Bytes> {
    const iv = randomBytes(IvLength);
    return join(iv, new Uint8Array(await crypto.subtle.encrypt(under(name, iv), this.key, plain)));
  }
}

const Records = "records";
const Keys = "keys";
const TheKey = "key";
const IvLength = 12;

/** The name is bound, so that no record can be put in another's place. */
const under = (name: string, iv: Bytes): AesGcmParams => ({ name: "AES-GCM", iv, additionalData: utf8(name) });

/** The one key of this database. Two tabs may make one at the same time: the first that is added stays. */
async function keyOf(database: IDBDatabase): Promise<CryptoKey> {
  const kept = (): Promise<CryptoKey | undefined> => done(database.transaction(Keys).objectStore(Keys).get(TheKey));
  const known = await kept();
  if (known !== undefined) return known;
  const made = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  await done(database.transaction(Keys, "readwrite").objectStore(Keys).add(made, TheKey)).catch(() => undefined);
  return (await kept()) ?? made;
}

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.addEventListener("success", () => resolve(request.result));
    request.addEventListener("error", () => reject(request.error ?? new Error("the browser refused its database")));
  });
}
