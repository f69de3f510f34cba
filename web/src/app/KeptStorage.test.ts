import { describe, expect, it } from "vitest";
import { KeptStorage } from "./KeptStorage";

/** Has room for one key. */
class Cramped extends KeptStorage {
  constructor() {
    super(() => {
      throw new DOMException("denied", "SecurityError");
    });
  }

  override setItem(key: string, value: string): void {
    if (this.length > 0 && this.getItem(key) === null) throw new DOMException("full", "QuotaExceededError");
    super.setItem(key, value);
  }
}

const makers: Readonly<Record<string, () => Storage>> = {
  "has room": () => (localStorage.clear(), localStorage),
  "is full": () => new Cramped(),
  "is refused": () => {
    throw new DOMException("denied", "SecurityError");
  },
};

describe.each(Object.entries(makers))("a storage that %s", (_, make) => {
  it("gives back what it was given, as long as the page lives", () => {
    const storage = new KeptStorage(make);
    for (const key of ["a", "b"]) storage.setItem(key, `${key}1`);
    storage.setItem("b", "b2");
    expect([storage.getItem("a"), storage.getItem("b"), storage.getItem("c")]).toEqual(["a1", "b2", null]);
    expect(Array.from({ length: storage.length }, (__, at) => storage.key(at)).toSorted()).toEqual(["a", "b"]);
    storage.removeItem("a");
    expect([storage.getItem("a"), storage.length]).toEqual([null, 1]);
    storage.clear();
    expect([storage.getItem("b"), storage.length]).toEqual([null, 0]);
  });
});

describe("a storage that had room", () => {
  it("holds what is newer in memory once there is none, and says each key once", () => {
    const disk = new Cramped();
    disk.setItem("a", "1");
    disk.setItem = () => {
      throw new DOMException("full", "QuotaExceededError");
    };
    const storage = new KeptStorage(() => disk);
    storage.setItem("a", "2");
    expect([storage.getItem("a"), disk.getItem("a"), storage.length]).toEqual(["2", "1", 1]);
  });
});
