import { useCallback, useEffect, useLayoutEffect, useRef, useState, type RefObject } from "react";
import type { Row } from "./rows";

/** Rows that are drawn at most, kept when cut, added at a time; pixels from an edge at which more are added. */
const Most = 300;
const Kept = 200;
const Step = 50;
const Near = 1_500;
/** This close to the end counts as the end. */
const Stick = 4;
const FarFromEnd = 200;

/** Orders of the first and the last row drawn; Infinity draws to the end, whatever comes. */
interface Range {
  readonly from: number;
  readonly to: number;
}

/** What stays where it is on the screen while rows come and go around it. */
type Anchor = { readonly at: "end" } | { readonly at: "row"; readonly key: string; readonly top: number };

export interface Edges {
  readonly atStart: boolean;
  readonly atEnd: boolean;
  readonly loadOlder: () => void;
  readonly loadNewer: () => void;
}

export interface Looking {
  /** The order of the first row that is (partly) in view, and of the last whose lower edge is. */
  readonly first: number;
  readonly last: number;
  readonly atEnd: boolean;
  readonly farFromEnd: boolean;
}

export interface RowWindow {
  readonly viewport: RefObject<HTMLDivElement | null>;
  readonly content: RefObject<HTMLDivElement | null>;
  readonly shown: readonly Row[];
  readonly onScroll: () => void;
  readonly look: () => Looking | null;
  readonly goTo: (key: string) => boolean;
  readonly goToEnd: () => void;
}

export const rowId = (key: string): string => `row-${key}`;

/**
 * Draws a window of real rows into a scrolled pane and keeps what the reader looks at in place. The anchor (the first
 * row in view, or the end) is noted on every scroll; after every render and every change of size the difference goes
 * into the scroll position before the browser paints.
 */
export function useWindow(rows: readonly Row[], startAt: string | null, edges: Edges): RowWindow {
  const viewport = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const [range, setRange] = useState<Range>(() => (startAt === null ? lastOf(rows) : around(rows, startAt)));
  const anchor = useRef<Anchor>(startAt === null ? { at: "end" } : { at: "row", key: startAt, top: third() });
  const latest = useRef({ rows, range, edges });
  latest.current = { rows, range, edges };
  const shown = slice(rows, range);

  const restore = useCallback(() => {
    const pane = viewport.current;
    if (pane === null) return;
    const { current: held } = anchor;
    if (held.at === "end") {
      pane.scrollTop = pane.scrollHeight;
      return;
    }
    const row = document.getElementById(rowId(held.key));
    if (row === null) return;
    const moved = row.getBoundingClientRect().top - pane.getBoundingClientRect().top - held.top;
    if (Math.abs(moved) >= 0.5) pane.scrollBy({ top: moved, behavior: "instant" });
  }, []);

  const note = useCallback(() => {
    const pane = viewport.current;
    if (pane === null) return;
    const { range: now, edges: ends } = latest.current;
    const left = pane.scrollHeight - pane.scrollTop - pane.clientHeight;
    const row = left <= Stick && now.to === Infinity && ends.atEnd ? null : firstInView(pane, content.current);
    anchor.current = row === null ? { at: "end" } : { at: "row", key: row.dataset["key"] ?? "", top: row.getBoundingClientRect().top - pane.getBoundingClientRect().top };
  }, []);

  /** More rows at an edge that is near; more messages only where the reader came by scrolling. */
  const extend = useCallback((scrolled: boolean) => {
    const pane = viewport.current;
    if (pane === null) return;
    const { rows: all, range: now, edges: ends } = latest.current;
    const unfilled = pane.scrollHeight <= pane.clientHeight + Stick;
    const nearStart = pane.scrollTop < Near;
    const nearEnd = pane.scrollHeight - pane.scrollTop - pane.clientHeight < Near;
    const next = extended(all, now, nearStart, nearEnd);
    if (next !== now) setRange(next);
    else if (scrolled || unfilled) {
      if (nearStart && !ends.atStart) ends.loadOlder();
      else if (nearEnd && !ends.atEnd) ends.loadNewer();
    }
  }, []);

  useLayoutEffect(restore);
  useEffect(() => extend(false), [rows, range, extend]);
  useEffect(() => {
    const observer = new ResizeObserver(restore);
    if (content.current) observer.observe(content.current);
    if (viewport.current) observer.observe(viewport.current);
    return () => observer.disconnect();
  }, [restore]);

  const onScroll = useCallback(() => {
    note();
    extend(true);
  }, [note, extend]);

  const look = useCallback((): Looking | null => {
    const pane = viewport.current;
    if (pane === null || content.current === null) return null;
    const { range: now, edges: ends } = latest.current;
    const first = firstInView(pane, content.current);
    const last = lastInView(pane, content.current);
    if (first === null || last === null) return null;
    const left = pane.scrollHeight - pane.scrollTop - pane.clientHeight;
    const whole = now.to === Infinity && ends.atEnd;
    return { first: orderOf(first), last: orderOf(last), atEnd: whole && left <= Stick, farFromEnd: !whole || left > FarFromEnd };
  }, []);

  const goTo = useCallback((key: string): boolean => {
    const { rows: all } = latest.current;
    if (!all.some((row) => row.key === key)) return false;
    anchor.current = { at: "row", key, top: third(viewport.current) };
    setRange(around(all, key));
    restore();
    return true;
  }, [restore]);

  const goToEnd = useCallback(() => {
    anchor.current = { at: "end" };
    setRange(lastOf(latest.current.rows));
    restore();
  }, [restore]);

  return { viewport, content, shown, onScroll, look, goTo, goToEnd };
}

const third = (pane: HTMLElement | null = null): number => Math.round((pane?.clientHeight ?? window.innerHeight) / 3);

const lastOf = (rows: readonly Row[]): Range => ({ from: rows[Math.max(0, rows.length - 2 * Step)]?.order ?? 0, to: Infinity });

function around(rows: readonly Row[], key: string): Range {
  const at = rows.findIndex((row) => row.key === key);
  if (at < 0) return lastOf(rows);
  return { from: rows[Math.max(0, at - Step)]?.order ?? 0, to: rows[at + Step]?.order ?? Infinity };
}

const slice = (rows: readonly Row[], { from, to }: Range): readonly Row[] =>
  rows.slice(indexOf(rows, from), to === Infinity ? rows.length : indexOf(rows, to) + 1);

function extended(rows: readonly Row[], now: Range, nearStart: boolean, nearEnd: boolean): Range {
  const first = indexOf(rows, now.from);
  const last = now.to === Infinity ? rows.length - 1 : indexOf(rows, now.to);
  if (nearStart && first > 0) {
    const from = Math.max(0, first - Step);
    const cut = last - from + 1 > Most && !nearEnd;
    return { from: rows[from]?.order ?? now.from, to: cut ? (rows[from + Kept - 1]?.order ?? Infinity) : now.to };
  }
  if (nearEnd && now.to !== Infinity) {
    const to = last + Step;
    const cut = to - first + 1 > Most && !nearStart;
    return { from: cut ? (rows[to - Kept + 1]?.order ?? now.from) : now.from, to: to >= rows.length - 1 ? Infinity : (rows[to]?.order ?? Infinity) };
  }
  if (now.to === Infinity && last - first + 1 > Most && !nearStart) return { from: rows[rows.length - Kept]?.order ?? now.from, to: Infinity };
  return now;
}

/** Index of the first row that is not before `order`. */
function indexOf(rows: readonly Row[], order: number): number {
  let from = 0;
  let to = rows.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((rows[middle]?.order ?? 0) < order) from = middle + 1;
    else to = middle;
  }
  return Math.min(from, Math.max(0, rows.length - 1));
}

const orderOf = (row: HTMLElement): number => Number(row.dataset["order"]);

const rowsIn = (content: HTMLElement | null): HTMLElement[] => [...(content?.querySelectorAll<HTMLElement>("[data-key]") ?? [])];

function firstInView(pane: HTMLElement, content: HTMLElement | null): HTMLElement | null {
  const top = pane.getBoundingClientRect().top;
  const rows = rowsIn(content);
  return rows[bisect(rows, (row) => row.getBoundingClientRect().bottom > top + 1)] ?? rows.at(-1) ?? null;
}

function lastInView(pane: HTMLElement, content: HTMLElement | null): HTMLElement | null {
  const bottom = pane.getBoundingClientRect().bottom;
  const rows = rowsIn(content);
  return rows[bisect(rows, (row) => row.getBoundingClientRect().bottom > bottom + 1) - 1] ?? null;
}

/** Index of the first that holds; those that hold come last. */
function bisect<T>(all: readonly T[], holds: (one: T) => boolean): number {
  let from = 0;
  let to = all.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    const one = all[middle];
    if (one !== undefined && holds(one)) to = middle;
    else from = middle + 1;
  }
  return from;
}
