import { useEffect, useState, type ReactNode } from "react";
import { useText } from "../i18n";
import styles from "./Skeleton.module.css";

/** What loads in less time than this shows nothing, so that nothing flickers. */
const ShownAfter = 150;

export function useLate(): boolean {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), ShownAfter);
    return () => clearTimeout(timer);
  }, []);
  return late;
}

/** Grey shapes of the true height, where rows will be. */
export function Skeleton({ kind, rows }: { readonly kind: "item" | "message"; readonly rows: number }): ReactNode {
  const text = useText();
  const late = useLate();
  return (
    <div role="status" className={styles[kind]}>
      <span className="visually-hidden">{text.common.loading}</span>
      {late
        ? Array.from({ length: rows }, (_, at) => (
            <div key={at} className={styles.row} data-shape={at % 3} aria-hidden>
              <span className={styles.round} />
              <span className={styles.bars} />
            </div>
          ))
        : null}
    </div>
  );
}
