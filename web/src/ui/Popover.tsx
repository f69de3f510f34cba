import { useEffect, useLayoutEffect, useRef, type KeyboardEvent, type ReactNode, type RefObject } from "react";
import styles from "./Popover.module.css";

interface PopoverProps {
  readonly anchor: RefObject<HTMLElement | null>;
  readonly label: string;
  readonly role: "menu" | "dialog";
  readonly onClose: () => void;
  readonly children: ReactNode;
}

const Gap = 6;
const Edge = 8;

/**
 * A small layer beside its opener, in the browser's top layer. Escape, a click elsewhere or leaving the window closes
 * it; focus goes back.
 */
export function Popover({ anchor, label, role, onClose, children }: PopoverProps): ReactNode {
  const layer = useRef<HTMLDivElement>(null);

  useLayoutEffect(() => {
    layer.current?.showPopover();
    const place = (): void => {
      if (layer.current && anchor.current) beside(layer.current, anchor.current);
    };
    place();
    window.addEventListener("resize", place);
    const grown = new ResizeObserver(place);
    if (layer.current) grown.observe(layer.current);
    return () => {
      window.removeEventListener("resize", place);
      grown.disconnect();
    };
  }, [anchor]);

  useEffect(() => {
    const opener = anchor.current;
    items(layer.current)[0]?.focus();
    return () => {
      if (document.activeElement === document.body) opener?.focus();
    };
  }, [anchor]);

  useEffect(() => {
    const outside = (event: PointerEvent): void => {
      const target = event.target as Node;
      if (!layer.current?.contains(target) && !anchor.current?.contains(target)) onClose();
    };
    document.addEventListener("pointerdown", outside);
    window.addEventListener("blur", onClose);
    return () => {
      document.removeEventListener("pointerdown", outside);
      window.removeEventListener("blur", onClose);
    };
  }, [anchor, onClose]);

  const onKeyDown = (event: KeyboardEvent): void => {
    const all = items(layer.current);
    const now = all.indexOf(document.activeElement as HTMLElement);
    const to = step(event.key, now, all.length, role === "menu" ? 1 : perRow(all));
    if (event.key === "Escape" || event.key === "Tab") {
      event.preventDefault();
      anchor.current?.focus();
      onClose();
    } else if (to !== null) {
      event.preventDefault();
      all[to]?.focus();
    } else return;
    event.stopPropagation();
  };

  return (
    <div ref={layer} popover="manual" role={role} aria-label={label} className={styles.layer} onKeyDown={onKeyDown} tabIndex={-1}>
      {children}
    </div>
  );
}

const items = (layer: HTMLElement | null): HTMLElement[] => [...(layer?.querySelectorAll<HTMLElement>("button:not(:disabled)") ?? [])];

/** How many stand beside each other. */
const perRow = (all: readonly HTMLElement[]): number => all.filter(({ offsetTop }) => offsetTop === all[0]?.offsetTop).length;

function step(key: string, now: number, count: number, row: number): number | null {
  switch (key) {
    case "ArrowDown":
      return (now + row) % count;
    case "ArrowRight":
      return (now + 1) % count;
    case "ArrowUp":
      return (now - row + count) % count;
    case "ArrowLeft":
      return (now - 1 + count) % count;
    case "Home":
      return 0;
    case "End":
      return count - 1;
    default:
      return null;
  }
}

/** Below its opener, above where there is more room, and inside the window. */
function beside(layer: HTMLElement, anchor: HTMLElement): void {
  const at = anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = layer;
  const below = at.bottom + Gap + height <= window.innerHeight - Edge || at.top < window.innerHeight - at.bottom;
  const top = below ? at.bottom + Gap : at.top - Gap - height;
  const endAligned = at.left + at.width / 2 > window.innerWidth / 2;
  const left = endAligned ? at.right - width : at.left;
  layer.style.top = `${Math.max(Edge, Math.min(top, window.innerHeight - height - Edge))}px`;
  layer.style.left = `${Math.max(Edge, Math.min(left, window.innerWidth - width - Edge))}px`;
}
