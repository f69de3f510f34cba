import { useSelect } from "../ui/useSelect";
import { isProblem } from "../wire/problem";
import { refusalOf } from "../model/refusal";
import { Store } from "../model/Store";
import { en, type Catalogue } from "./en";

export type { Catalogue } from "./en";
export * as format from "./format";

/** The language that is spoken. A second one is another file and another value here. */
export const catalogue = new Store<Catalogue>(en);

export const useText = (): Catalogue => useSelect(catalogue, (text) => text);

/** A refusal in words. */
export function problemText(text: Catalogue, error: unknown): string {
  const refusal = refusalOf(error);
  if (refusal !== null) return text.encrypted.refusals[refusal.code];
  if (!isProblem(error)) return text.problems["internal"] ?? "";
  if (error.code === "rate_limited" && error.retryAfter !== null) return text.waitSeconds(Math.ceil(error.retryAfter / 1000));
  return codeText(text, error.code);
}

export const codeText = (text: Catalogue, code: string): string => text.problems[code] ?? text.problems["internal"] ?? "";
