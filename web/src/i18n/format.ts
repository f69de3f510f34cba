/** One `Intl` object per kind and language: making one costs more than using it a thousand times. */
const cache = new Map<string, unknown>();

function cached<T>(key: string, make: () => T): T {
  const known = cache.get(key) as T | undefined;
  if (known !== undefined) return known;
  const made = make();
  cache.set(key, made);
  return made;
}

export const plural = (language: string, count: number, forms: { readonly one?: string; readonly other: string }): string => {
  const rule = cached(`plural ${language}`, () => new Intl.PluralRules(language)).select(count);
  return (rule === "one" ? forms.one : undefined) ?? forms.other;
};

const dates = (language: string, kind: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat =>
  cached(`${kind} ${language}`, () => new Intl.DateTimeFormat(language, options));

// The words are in the catalogue's language, clock and date order in the browser's.
const here = (language: string): string => navigator.languages.find((one) => one.startsWith(language)) ?? language;

export const time = (language: string, at: number): string =>
  dates(here(language), "time", { hour: "numeric", minute: "2-digit" }).format(at);

export const day = (language: string, at: number): string =>
  dates(here(language), "day", { weekday: "long", day: "numeric", month: "long", year: "numeric" }).format(at);

export const full = (language: string, at: number): string =>
  dates(here(language), "full", { dateStyle: "full", timeStyle: "short" }).format(at);

export const list = (language: string, names: readonly string[]): string =>
  cached(`list ${language}`, () => new Intl.ListFormat(language, { type: "conjunction" })).format(names);
