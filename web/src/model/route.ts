/** Every place that has an address. */
export type Route =
  | { readonly at: "home" }
  | { readonly at: "setup"; readonly step: "owner" | "server" | "invite" }
  | { readonly at: "login" }
  | { readonly at: "register" }
  | { readonly at: "invite"; readonly code: string }
  | { readonly at: "channel"; readonly id: string; readonly members: boolean }
  | { readonly at: "encrypted"; readonly id: string }
  | { readonly at: "unknown" };

export function parse(path: string): Route {
  const [first, second, third, ...rest] = path.split("/").filter(Boolean);
  if (rest.length > 0) return { at: "unknown" };
  switch (first) {
    case undefined:
      return { at: "home" };
    case "setup":
      if (third === undefined && second === undefined) return { at: "setup", step: "owner" };
      return third === undefined && (second === "server" || second === "invite") ? { at: "setup", step: second } : { at: "unknown" };
    case "login":
    case "register":
      return second === undefined ? { at: first } : { at: "unknown" };
    case "invite":
      return second !== undefined && third === undefined ? { at: "invite", code: decoded(second) } : { at: "unknown" };
    case "channels":
      if (second === undefined || (third !== undefined && third !== "members")) return { at: "unknown" };
      return { at: "channel", id: decoded(second), members: third === "members" };
    case "encrypted":
      return second !== undefined && third === undefined ? { at: "encrypted", id: decoded(second) } : { at: "unknown" };
    default:
      return { at: "unknown" };
  }
}

export function format(route: Route): string {
  switch (route.at) {
    case "home":
    case "unknown":
      return "/";
    case "setup":
      return route.step === "owner" ? "/setup" : `/setup/${route.step}`;
    case "login":
    case "register":
      return `/${route.at}`;
    case "invite":
      return `/invite/${encodeURIComponent(route.code)}`;
    case "encrypted":
      return `/encrypted/${encodeURIComponent(route.id)}`;
    case "channel":
      return `/channels/${encodeURIComponent(route.id)}${route.members ? "/members" : ""}`;
  }
}

/** A malformed escape is somebody's typing error, not a reason to fail. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
