import type { ReactNode } from "react";
import { useText } from "../../i18n";
import { useSelect } from "../../ui/useSelect";
import { useChat } from "../app";
import styles from "./TypingLine.module.css";

/** Always of the same height, so that it moves nothing; not announced, since it would never be silent. */
export function TypingLine({ conversationId }: { readonly conversationId: string }): ReactNode {
  const text = useText();
  const chat = useChat();
  const here = useSelect(chat.typing.state, (all) => all.get(conversationId));
  const [first, second, ...others] = here?.values() ?? [];
  const words =
    first === undefined ? "" : second === undefined ? text.typing.one(first) : others.length > 0 ? text.typing.several : text.typing.two(first, second);
  return (
    <p className={styles.line}>
      <bdi>{words}</bdi>
    </p>
  );
}
