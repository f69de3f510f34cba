import { Store } from "../model/Store";
import { format, parse, type Route } from "../model/route";

/** The address bar as a store. */
export class Router {
  readonly route: Store<Route>;

  constructor(private readonly view: Window) {
    this.route = new Store(parse(view.location.pathname));
    view.addEventListener("popstate", () => this.route.set(parse(view.location.pathname)));
  }

  /** `replace` where the present address is not one to come back to. */
  go(route: Route, how: "push" | "replace" = "push"): void {
    const path = format(route);
    if (path === this.view.location.pathname) return;
    if (how === "push") this.view.history.pushState({ inside: true }, "", path);
    else this.view.history.replaceState(this.view.history.state, "", path);
    this.route.set(route);
  }

  /** One step back if that stays in here, else to `otherwise`. */
  back(otherwise: Route): void {
    if ((this.view.history.state as { inside?: boolean } | null)?.inside) this.view.history.back();
    else this.go(otherwise, "replace");
  }
}
