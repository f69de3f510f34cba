import { Eye, EyeOff } from "lucide-react";
import { useId, useState, type InputHTMLAttributes, type ReactNode, type Ref } from "react";
import { useText } from "../i18n";
import { IconButton } from "./Button";
import { classes } from "./classes";
import styles from "./Field.module.css";

interface FieldProps extends Omit<InputHTMLAttributes<HTMLInputElement>, "value" | "onChange"> {
  readonly label: string;
  readonly hint?: string | undefined;
  readonly error?: string | null | undefined;
  readonly optional?: boolean;
  readonly value: string;
  readonly onValue: (value: string) => void;
  readonly ref?: Ref<HTMLInputElement>;
}

/** A labelled text field; its hint and its error belong to it for whoever can't see them stand beside it. */
export function Field({ label, hint, error, optional, onValue, className, children, ...rest }: FieldProps): ReactNode {
  const text = useText();
  const id = useId();
  return (
    <div className={classes(styles.field, className)}>
      <label htmlFor={id} className={styles.label}>
        {label} {optional ? <span className={styles.optional}>({text.common.optional})</span> : null}
      </label>
      <div className={styles.frame}>
        <input
          {...rest}
          id={id}
          className={classes(styles.input, children != null && styles.withButton)}
          aria-invalid={error ? true : undefined}
          aria-describedby={error ? `${id}-error` : hint ? `${id}-hint` : undefined}
          onChange={(event) => onValue(event.target.value)}
        />
        {children}
      </div>
      {error ? (
        <p id={`${id}-error`} className={styles.error}>
          {error}
        </p>
      ) : hint ? (
        <p id={`${id}-hint`} className={styles.hint}>
          {hint}
        </p>
      ) : null}
    </div>
  );
}

export function PasswordField(props: Omit<FieldProps, "type" | "children">): ReactNode {
  const text = useText();
  const [shown, setShown] = useState(false);
  return (
    <Field {...props} type={shown ? "text" : "password"} autoCapitalize="off" spellCheck={false}>
      <IconButton
        className={styles.reveal}
        label={shown ? text.account.hidePassword : text.account.showPassword}
        size="small"
        onClick={() => setShown(!shown)}
      >
        {shown ? <EyeOff size={18} aria-hidden /> : <Eye size={18} aria-hidden />}
      </IconButton>
    </Field>
  );
}

interface ChoiceProps<T extends string> {
  readonly legend: string;
  readonly value: T;
  readonly options: readonly { readonly value: T; readonly label: string; readonly hint?: string }[];
  readonly onValue: (value: T) => void;
  /** Side by side as one strip, or one under the other with their hints. */
  readonly look?: "strip" | "list";
}

/** One of a few, as real radio buttons. */
export function Choice<T extends string>({ legend, value, options, onValue, look = "strip" }: ChoiceProps<T>): ReactNode {
  const name = useId();
  return (
    <fieldset className={classes(styles.choice, styles[look])}>
      <legend className={styles.label}>{legend}</legend>
      <div className={styles.options}>
        {options.map((option) => (
          <label key={option.value} className={styles.option}>
            <input type="radio" name={name} checked={option.value === value} onChange={() => onValue(option.value)} />
            <span className={styles.optionText}>
              {option.label}
              {option.hint ? <span className={styles.optionHint}>{option.hint}</span> : null}
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
