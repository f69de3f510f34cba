import { useEffect, useRef, type ReactNode } from "react";
import { Button } from "../../ui/Button";
import { Form } from "../../ui/Form";
import { Mark } from "./Mark";
import styles from "./Card.module.css";

interface CardProps {
  readonly title: string;
  readonly intro?: ReactNode;
  readonly above?: ReactNode;
  readonly children: ReactNode;
  readonly foot?: ReactNode;
}

/** The one card in the middle of the screens before the chat. */
export function Card({ title, intro, above, children, foot }: CardProps): ReactNode {
  const page = useRef<HTMLElement>(null);
  useEffect(() => void (document.title = title), [title]);
  useEffect(() => {
    // On a touch screen the keyboard would cover what the card says.
    if (!matchMedia("(pointer: coarse)").matches) page.current?.querySelector("input")?.focus();
  }, []);
  return (
    <main ref={page} className={styles.page}>
      <div className={styles.card}>
        <div className={styles.head}>
          <Mark />
          {above ? <p className={styles.above}>{above}</p> : null}
        </div>
        <h1 className={styles.title}>
          <bdi>{title}</bdi>
        </h1>
        {intro ? <div className={styles.intro}>{intro}</div> : null}
        {children}
      </div>
      {foot ? <div className={styles.foot}>{foot}</div> : null}
    </main>
  );
}

interface CardFormProps {
  readonly action: string;
  readonly busy: boolean;
  /** A refusal that belongs to no field. */
  readonly error: unknown;
  readonly onSubmit: () => void;
  readonly children: ReactNode;
}

export function CardForm({ action, busy, error, onSubmit, children }: CardFormProps): ReactNode {
  return (
    <Form error={error} onSubmit={onSubmit}>
      {children}
      <Button type="submit" look="main" className={styles.action} busy={busy}>
        {action}
      </Button>
    </Form>
  );
}
