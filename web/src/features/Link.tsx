import type { AnchorHTMLAttributes, MouseEvent, ReactNode } from "react";
import { format, type Route } from "../model/route";
import { useApp } from "./app";

interface LinkProps extends AnchorHTMLAttributes<HTMLAnchorElement> {
  readonly to: Route;
  readonly replace?: boolean;
}

/** A real link that does not load the page anew; with a modifier it stays the browser's. */
export function Link({ to, replace = false, onClick, ...rest }: LinkProps): ReactNode {
  const { router } = useApp();
  const follow = (event: MouseEvent<HTMLAnchorElement>): void => {
    onClick?.(event);
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    router.go(to, replace ? "replace" : "push");
  };
  return <a {...rest} href={format(to)} onClick={follow} />;
}
