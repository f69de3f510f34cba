import { useCallback, useRef, useSyncExternalStore } from "react";
import type { Store } from "../model/Store";

/**
 * A part of a store's snapshot. Renders again only if the part changed (by identity, or by `same`), so `pick` should
 * be narrow and should not make new objects unless `same` compares them.
 */
export function useSelect<T, P>(store: Store<T>, pick: (value: T) => P, same: (a: P, b: P) => boolean = Object.is): P {
  const last = useRef<{ readonly part: P } | null>(null);
  const read = useCallback((): P => {
    const part = pick(store.get());
    if (last.current !== null && same(last.current.part, part)) return last.current.part;
    last.current = { part };
    return part;
  }, [store, pick, same]);
  return useSyncExternalStore(store.subscribe, read);
}

export const useStore = <T>(store: Store<T>): T => useSyncExternalStore(store.subscribe, store.get);
