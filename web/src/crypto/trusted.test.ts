import { describe, expect, it } from "vitest";
import { ownScript } from "./trusted";

describe("the address of a worker", () => {
  const page = "https://chat.example/c/1";

  it("is one of our own scripts", () => {
    expect(ownScript("/assets/worker-1a2b.js", page)).toBe("https://chat.example/assets/worker-1a2b.js");
  });

  it("is nothing else", () => {
    const foreign = ["https://evil.example/assets/worker.js", "data:text/javascript,1", "/api/media/1", "/assets/../api/media/1.js", "/assets/a.js/b", "blob:https://chat.example/1"];
    for (const address of foreign) expect(() => ownScript(address, page), address).toThrow(TypeError);
  });
});
