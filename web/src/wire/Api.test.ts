import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Api } from "./Api";
import { request } from "./Http";
import { Tokens } from "./Tokens";

type Handler = (path: string, init: RequestInit) => Response | Promise<Response>;

const json = (body: unknown, status = 200, headers: Record<string, string> = {}): Response =>
  new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json", ...headers } });
const pair = (n: number, cookie = false) => ({ access_token: `a${n}`, expires_in: 600, ...(cookie ? {} : { refresh_token: `r${n}` }) });
const bearerOf = (init: RequestInit): string | undefined => (init.headers as Record<string, string>)["authorization"];

function answering(handler: Handler) {
  const fetched = vi.fn(async (path: string, init: RequestInit) => handler(path, init));
  vi.stubGlobal("fetch", fetched);
  return fetched;
}

function signedIn(byCookie = false, now: () => number = Date.now): { api: Api; tokens: Tokens } {
  const tokens = new Tokens(localStorage, byCookie, now);
  return { api: new Api(tokens), tokens };
}

beforeEach(() => localStorage.clear());
afterEach(() => void vi.unstubAllGlobals());

describe("a refusal", () => {
  it("carries the problem document's code, field and advice", async () => {
    answering(() => json({ code: "rate_limited", detail: "Slow down.", field: "username" }, 429, { "retry-after": "7" }));
    await expect(request("GET", "/api/x")).rejects.toMatchObject({ code: "rate_limited", status: 429, field: "username", retryAfter: 7000, passing: true });
  });

  it("has a code of its own where the answer is no problem document, or there is no answer", async () => {
    answering(() => new Response("<html>", { status: 404 }));
    await expect(request("GET", "/api/x")).rejects.toMatchObject({ code: "http_404", passing: false });
    answering(() => Promise.reject(new TypeError("refused")));
    await expect(request("GET", "/api/x")).rejects.toMatchObject({ code: "network", passing: true });
    answering(() => Promise.reject(new DOMException("late", "TimeoutError")));
    await expect(request("GET", "/api/x")).rejects.toMatchObject({ code: "timeout", passing: true });
  });
});

describe("the tokens", () => {
  it("go along, and are refreshed a minute before they run out", async () => {
    let now = 0;
    const { api } = signedIn(false, () => now);
    const seen: (string | undefined)[] = [];
    answering((path, init) => {
      if (path === "/api/auth/login") return json(pair(1));
      if (path === "/api/auth/refresh") return json(pair(2));
      seen.push(bearerOf(init));
      return json({ id: "me" });
    });
    await api.logIn("ada", "a long password");
    now = 539_000;
    await api.me();
    now = 541_000;
    await api.me();
    // The first call of the log-in itself asks who came in, since the answer did not say.
    expect(seen).toEqual(["Bearer a1", "Bearer a1", "Bearer a2"]);
  });

  it("are refreshed once for many calls that come at the same time", async () => {
    localStorage.setItem("united.session", "r0");
    const fetched = answering((path) => (path === "/api/auth/refresh" ? json(pair(1)) : json({ items: [] })));
    const { api } = signedIn();
    await Promise.all([api.channels(), api.channels(), api.channels()]);
    expect(fetched.mock.calls.filter(([path]) => path === "/api/auth/refresh")).toHaveLength(1);
  });

  it("are refreshed and the call repeated once when one is refused", async () => {
    localStorage.setItem("united.session", "r0");
    let refreshes = 0;
    answering((path, init) => {
      if (path === "/api/auth/refresh") return json(pair(++refreshes));
      return bearerOf(init) === "Bearer a1" ? json({ code: "unauthorized" }, 401) : json({ items: [] });
    });
    await expect(signedIn().api.channels()).resolves.toEqual([]);
    expect(refreshes).toBe(2);
  });

  it("take the stored refresh token that another tab has left, not the one they remember", async () => {
    localStorage.setItem("united.session", "r0");
    const sent: unknown[] = [];
    answering((path, init) => {
      if (path !== "/api/auth/refresh") return json({ items: [] });
      sent.push(JSON.parse(String(init.body)));
      return json(pair(sent.length));
    });
    const { api, tokens } = signedIn();
    await api.channels();
    localStorage.setItem("united.session", "of another tab");
    tokens.spoil("a1");
    await api.channels();
    expect(sent).toEqual([{ refresh_token: "r0" }, { refresh_token: "of another tab" }]);
  });

  it("keep no refresh token in reach of scripts where the cookie holds it", async () => {
    const sent: RequestInit[] = [];
    answering((path, init) => {
      if (path === "/api/auth/login") return json({ ...pair(1, true), user: { id: "me" } });
      if (path === "/api/auth/refresh") sent.push(init);
      return path === "/api/auth/refresh" ? json(pair(2, true)) : json({ items: [] });
    });
    const { api, tokens } = signedIn(true);
    await api.logIn("ada", "a long password");
    tokens.spoil("a1");
    await api.channels();
    expect(localStorage.getItem("united.session")).toBe("cookie");
    expect(sent[0]?.headers).toMatchObject({ "x-csrf": "1", "x-refresh-cookie": "1" });
    expect(sent[0]?.body).toBe("{}");
  });

  it("end the session when the refresh is refused, and only then", async () => {
    localStorage.setItem("united.session", "r0");
    answering(() => json({ code: "unavailable" }, 503));
    const { api, tokens } = signedIn();
    await expect(api.channels()).rejects.toMatchObject({ code: "unavailable" });
    expect(tokens.remembered).toBe(true);
    answering(() => json({ code: "session_ended" }, 401));
    await expect(api.channels()).rejects.toMatchObject({ code: "session_ended" });
    expect(tokens.remembered).toBe(false);
  });

  it("stay forgotten when another tab signs out during a refresh", async () => {
    localStorage.setItem("united.session", "r0");
    answering((path) => {
      localStorage.removeItem("united.session");
      return path === "/api/auth/refresh" ? json(pair(1)) : json({ items: [] });
    });
    const { api, tokens } = signedIn();
    await expect(api.channels()).rejects.toMatchObject({ code: "session_ended" });
    expect(tokens.remembered).toBe(false);
  });
});

describe("the calls", () => {
  it("read a page's direction out of what was asked", async () => {
    localStorage.setItem("united.session", "r0");
    const asked: string[] = [];
    answering((path) => {
      if (path === "/api/auth/refresh") return json(pair(1));
      asked.push(path);
      return json({ messages: [], has_more: true, has_before: false, has_after: true });
    });
    const { api } = signedIn();
    await expect(api.messages("c", {}, 50)).resolves.toMatchObject({ hasBefore: true, hasAfter: false });
    await expect(api.messages("c", { after: 7 }, 50)).resolves.toMatchObject({ hasBefore: true, hasAfter: true });
    await expect(api.messages("c", { around: 7 }, 50)).resolves.toMatchObject({ hasBefore: false, hasAfter: true });
    expect(asked).toEqual(["/api/channels/c/messages?limit=50", "/api/channels/c/messages?limit=50&after=7", "/api/channels/c/messages?limit=50&around=7"]);
  });
});
