import { fromHex } from "../crypto/bytes";
import { items, type Json, type Proof, proofOf, Relay, text } from "../crypto/Relay";
import { type HttpOptions, type Method, request } from "../wire/Http";

export interface Somebody {
  readonly id: string;
  readonly username: string;
  readonly displayName: string;
  readonly publicKey: Uint8Array | null;
}

/** The calls of a server that this client makes, with what it takes to get in. */
export class Remote extends Relay {
  private token = "";
  readonly origin: string;

  constructor(protected readonly server: string) {
    super();
    this.origin = new URL(server).origin;
  }

  async register(account: { username: string; displayName: string; password?: string; invite?: string; setupToken?: string }, proof: Proof): Promise<void> {
    this.enter(await this.post("/api/auth/register", {
      username: account.username, display_name: account.displayName, ...proofOf(proof),
      ...(account.password ? { password: account.password } : {}),
      ...(account.invite ? { invite_code: account.invite } : {}),
      ...(account.setupToken ? { setup_token: account.setupToken } : {}),
    }));
  }

  async verify(proof: Proof): Promise<void> {
    this.enter(await this.post("/api/auth/verify", proofOf(proof)));
  }

  async logIn(username: string, password: string): Promise<void> {
    this.enter(await this.post("/api/auth/login", { username, password }));
  }

  /** Does nothing where nobody is signed in. */
  async logOut(): Promise<void> {
    if (this.token === "") return;
    await this.post("/api/auth/logout", undefined);
    this.token = "";
  }

  async find(username: string): Promise<Somebody | null> {
    const found = items((await this.call("GET", `/api/users?query=${encodeURIComponent(username)}`)), "items").map(somebodyOf);
    return found.find((one) => one.username.toLowerCase() === username.toLowerCase()) ?? null;
  }

  private enter(answer: Json): void {
    this.token = text(answer, "access_token");
  }

  protected async call(method: Method, path: string, options: HttpOptions = {}): Promise<unknown> {
    return request(method, this.server + path, { ...options, headers: await this.bearer() });
  }

  protected async bearer(): Promise<Readonly<Record<string, string>>> {
    return this.token === "" ? {} : { authorization: `Bearer ${this.token}` };
  }
}

const somebodyOf = (json: Json): Somebody => ({
  id: text(json, "id"),
  username: text(json, "username"),
  displayName: text(json, "display_name"),
  publicKey: fromHex(typeof json["public_key"] === "string" ? json["public_key"] : "", 32),
});
