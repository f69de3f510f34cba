import { useEffect, useRef, type FormEvent, type ReactNode } from "react";
import { problemText, useText } from "../i18n";
import styles from "./Form.module.css";
import { Notice } from "./Notice";

interface FormProps {
  /** A refusal that belongs to no field. */
  readonly error?: unknown;
  readonly onSubmit: () => void;
  readonly children: ReactNode;
}

/** Fields below each other, with what went wrong above them; the focus goes to the first field that is at fault. */
export function Form({ error, onSubmit, children }: FormProps): ReactNode {
  const text = useText();
  const form = useRef<HTMLFormElement>(null);
  // From sending on until the next letter: the server may find fault later than the page.
  const looking = useRef(false);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    looking.current = true;
    onSubmit();
  };
  useEffect(() => {
    const faulty = looking.current ? form.current?.querySelector<HTMLElement>("[aria-invalid]") : null;
    if (!faulty) return;
    looking.current = false;
    faulty.focus();
  });
  return (
    <form ref={form} className={styles.form} onSubmit={submit} onInput={() => (looking.current = false)} noValidate>
      {error ? <Notice>{problemText(text, error)}</Notice> : null}
      {children}
    </form>
  );
}
