import { Problem, problemOf } from "./problem";

export interface HttpOptions {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Lets the request outlive the page: for what is sent while it is being closed. */
  readonly keepalive?: boolean;
  /** Milliseconds until `timeout`; 15 seconds unless given. */
  readonly timeout?: number;
}

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** One request to the REST interface. Whoever is refused, or is not answered, gets a {@link Problem}. */
export async function request(method: Method, path: string, options: HttpOptions = {}): Promise<unknown> {
  const response = await fetch(path, {
    method,
    headers: {
      accept: "application/json",
      ...(options.body === undefined ? {} : { "content-type": "application/json" }),
      ...options.headers,
    },
    body: options.body === undefined ? null : JSON.stringify(options.body),
    credentials: "same-origin",
    cache: "no-store",
    keepalive: options.keepalive ?? false,
    signal: AbortSignal.timeout(options.timeout ?? 15_000),
  }).catch((cause: unknown) => {
    throw new Problem(cause instanceof DOMException && cause.name === "TimeoutError" ? "timeout" : "network", 0);
  });
  if (!response.ok) throw await problemOf(response);
  if (response.status === 204) return null;
  return response.json().catch(() => {
    throw new Problem("unreadable", 502);
  });
}
