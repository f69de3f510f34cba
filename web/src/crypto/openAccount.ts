import type { Api } from "../wire/Api";
import type { HttpOptions, Method } from "../wire/Http";
import { Correspondent } from "./Correspondent";
import { openWorker } from "./openWorker";
import { Relay } from "./Relay";

/** The page's own session is the one that calls. */
class PageRelay extends Relay {
  protected readonly server = "";
  readonly origin = location.origin;

  constructor(private readonly api: Api) {
    super();
  }

  protected call(method: Method, path: string, options?: HttpOptions): Promise<unknown> {
    return this.api.call(method, path, options);
  }

  protected async bearer(): Promise<Readonly<Record<string, string>>> {
    return { authorization: `Bearer ${await this.api.tokens.current()}` };
  }
}

/** What a page needs for the encrypted messages of whoever is signed in. Load this module only when it is needed. */
export function openAccount(api: Api, userId: string, died: () => void): { readonly account: Correspondent; readonly close: () => void } {
  const { engine, close } = openWorker(userId, died);
  return { account: new Correspondent(engine, new PageRelay(api)), close };
}
