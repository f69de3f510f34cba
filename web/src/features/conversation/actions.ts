import type { Pending } from "../../model/Outbox";
import type { Message } from "../../wire/shapes";

/** What can be done with a row. One object for the life of the screen, so that rows need not be drawn again. */
export interface RowActions {
  readonly reply: (message: Message) => void;
  readonly edit: (message: Message) => void;
  readonly stopEditing: () => void;
  readonly remove: (message: Message) => void;
  readonly react: (message: Message, emoji: string) => void;
  readonly goToOrigin: (sequence: number) => void;
  readonly retry: (item: Pending) => void;
  readonly discard: (item: Pending) => void;
  readonly takeBack: (item: Pending) => void;
}

/** One tap away at the row, and all in the picker. */
export const QuickEmoji = ["👍", "❤️", "😂"] as const;
export const AllEmoji = [
  "👍", "👎", "❤️", "😂", "🎉", "🙏", "👀", "✅",
  "😀", "😄", "😅", "🤣", "😉", "😊", "😍", "😘",
  "😎", "🤔", "😐", "😴", "😢", "😭", "😡", "😱",
  "🤯", "🥳", "🤝", "👏", "💪", "🙌", "👋", "✌️",
  "🔥", "💯", "⭐", "💡", "🚀", "🐛", "☕", "🍕",
] as const;
