/**
 * A refusal, from whichever wire: the stable code of an RFC 9457 problem document or of an error frame.
 * `network` and `timeout` are the client's own: nobody answered.
 */
export class Problem extends Error {
  constructor(
    readonly code: string,
    readonly status: number,
    readonly field: string | null = null,
    /** Milliseconds to wait before the same may be tried again. */
    readonly retryAfter: number | null = null,
    detail = code,
  ) {
    super(detail);
    this.name = "Problem";
  }

  /** Whether the same request may succeed later without being changed. */
  get passing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

export const isProblem = (error: unknown, ...codes: string[]): error is Problem =>
  error instanceof Problem && (codes.length === 0 || codes.includes(error.code));

interface ProblemDocument {
  readonly code?: unknown;
  readonly title?: unknown;
  readonly detail?: unknown;
  readonly reason?: unknown;
  readonly field?: unknown;
}

export async function problemOf(response: Response): Promise<Problem> {
  const body = (await response.json().catch(() => ({}))) as ProblemDocument;
  const code = typeof body.code === "string" ? body.code : `http_${response.status}`;
  const [detail] = [body.reason, body.detail, body.title, code].filter((words) => typeof words === "string");
  return new Problem(code, response.status, typeof body.field === "string" ? body.field : null, retryAfterOf(response), detail);
}

function retryAfterOf(response: Response): number | null {
  const seconds = Number(response.headers.get("retry-after") ?? Number.NaN);
  return Number.isFinite(seconds) ? seconds * 1000 : null;
}
