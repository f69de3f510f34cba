import { useSyncExternalStore } from "react";

export type Width = "wide" | "middle" | "narrow";

const wide = matchMedia("(min-width: 1200px)");
const narrow = matchMedia("(max-width: 719px)");

const subscribe = (listener: () => void): (() => void) => {
  wide.addEventListener("change", listener);
  narrow.addEventListener("change", listener);
  return () => {
    wide.removeEventListener("change", listener);
    narrow.removeEventListener("change", listener);
  };
};

/** How many panes there is room for: three, two, or one. */
export const useWidth = (): Width =>
  useSyncExternalStore(subscribe, () => (wide.matches ? "wide" : narrow.matches ? "narrow" : "middle"));
