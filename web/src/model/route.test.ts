import { describe, expect, it } from "vitest";
import { format, parse, type Route } from "./route";

describe("addresses", () => {
  it("lead to a screen and back", () => {
    const routes: Route[] = [
      { at: "home" }, { at: "setup", step: "owner" }, { at: "setup", step: "invite" }, { at: "login" }, { at: "register" },
      { at: "invite", code: "a/b?c" }, { at: "channel", id: "x", members: false }, { at: "channel", id: "x", members: true },
      { at: "encrypted", id: "x" },
    ];
    for (const route of routes) expect(parse(format(route))).toEqual(route);
  });

  it("that lead nowhere say so", () => {
    for (const path of ["/x", "/channels", "/channels/a/b", "/channels/a/members/c", "/invite", "/login/x", "/encrypted", "/encrypted/a/b", "/setup/other"]) {
      expect(parse(path)).toEqual({ at: "unknown" });
    }
  });

  it("survive a malformed escape", () => {
    expect(parse("/invite/%E0%A4%A")).toEqual({ at: "invite", code: "%E0%A4%A" });
  });
});
