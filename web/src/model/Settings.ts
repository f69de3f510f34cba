import { Store } from "./Store";

export type Theme = "system" | "light" | "dark";

const ThemeKey = "united.theme";
const MembersKey = "united.members";
const LastKey = "united.last";

/** This browser's choices. `public/theme.js` reads the same key before the first paint. */
export class Settings {
  readonly theme: Store<Theme>;
  /** Whether the list of members stands beside the conversation where there is room for it. */
  readonly members: Store<boolean>;

  constructor(private readonly storage: Storage) {
    const theme = storage.getItem(ThemeKey);
    this.theme = new Store<Theme>(theme === "light" || theme === "dark" ? theme : "system");
    this.members = new Store(storage.getItem(MembersKey) !== "hidden");
  }

  setTheme(theme: Theme): void {
    this.storage.setItem(ThemeKey, theme);
    this.theme.set(theme);
  }

  showMembers(shown: boolean): void {
    this.storage.setItem(MembersKey, shown ? "shown" : "hidden");
    this.members.set(shown);
  }

  /** The channel that was open last, for when no address says which. */
  lastVisited(): string | null {
    return this.storage.getItem(LastKey);
  }

  visited(conversationId: string): void {
    this.storage.setItem(LastKey, conversationId);
  }
}
