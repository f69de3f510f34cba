import { request } from "./Http";
import { tokensOf, type TokenAnswer } from "./json";
import { isProblem, Problem } from "./problem";

/**
 * Owns the tokens of this browser's session. The access token lives in memory alone. The refresh token lives in the
 * `__Host-rt` cookie, which scripts can't read; where the page is plain http (loopback, a home network) a Secure
 * cookie can't be set, and it lives in localStorage.
 *
 * A refresh token is spent by its use and a spent one that comes back ends the session, so tabs take turns by a Web
 * Lock and read the stored one anew inside it. Without the lock (insecure origins have none) the server's 30 seconds
 * of grace cover two tabs that refresh at the same moment.
 */
export class Tokens {
  private access: { readonly token: string; readonly goodUntil: number } | null = null;
  private running: Promise<string> | null = null;

  constructor(
    private readonly storage: Storage = localStorage,
    private readonly byCookie = location.protocol === "https:",
    private readonly now: () => number = Date.now,
  ) {}

  /** What log-in, registration and refresh have to say so that the answer comes in the right form. */
  get wanted(): Readonly<Record<string, string>> {
    return this.byCookie ? { "x-refresh-cookie": "1" } : {};
  }

  /** Whether a session was left here: worth a refresh at start. */
  get remembered(): boolean {
    return this.storage.getItem(RememberedKey) !== null;
  }

  adopt(answer: TokenAnswer): void {
    // A minute before it runs out it counts as gone, so that no request leaves with a token that dies on its way.
    this.access = { token: answer.accessToken, goodUntil: this.now() + (answer.expiresIn - 60) * 1000 };
    this.storage.setItem(RememberedKey, answer.refreshToken ?? InCookie);
  }

  forget(): void {
    this.access = null;
    this.storage.removeItem(RememberedKey);
  }

  /** Whoever the session belongs to by now, the next token is theirs. */
  renew(): void {
    this.access = null;
  }

  /** The token that the server has just refused is not to be used again. */
  spoil(token: string): void {
    if (this.access?.token === token) this.access = null;
  }

  /** A token that is good for at least a minute; {@link Problem} `session_ended` once there is no session any more. */
  async current(): Promise<string> {
    if (this.access !== null && this.access.goodUntil > this.now()) return this.access.token;
    this.running ??= this.alone(() => this.refresh()).finally(() => (this.running = null));
    return this.running;
  }

  private async refresh(): Promise<string> {
    const stored = this.storage.getItem(RememberedKey);
    if (stored === null) throw new Problem("session_ended", 401);
    try {
      const body = stored === InCookie ? {} : { refresh_token: stored };
      const headers = { "x-csrf": "1", ...this.wanted };
      const answer = tokensOf(await request("POST", "/api/auth/refresh", { body, headers }));
      // Signed out in another tab meanwhile: what came back must not bring the session to life again.
      if (this.storage.getItem(RememberedKey) === null) throw new Problem("session_ended", 401);
      this.adopt(answer);
      return answer.accessToken;
    } catch (error) {
      if (!isProblem(error) || (error.status !== 401 && error.status !== 403)) throw error;
      this.forget();
      throw new Problem("session_ended", 401);
    }
  }

  private alone<T>(work: () => Promise<T>): Promise<T> {
    const locks = navigator.locks as LockManager | null | undefined;
    return locks ? locks.request("united-refresh", work) : work();
  }
}

const RememberedKey = "united.session";
const InCookie = "cookie";
