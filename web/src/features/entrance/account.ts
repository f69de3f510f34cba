import { useState } from "react";
import { problemText, useText, type Catalogue } from "../../i18n";
import { isProblem } from "../../wire/problem";

export interface AccountDraft {
  readonly username: string;
  readonly displayName: string;
  readonly password: string;
}

export type AccountErrors = { readonly [field in keyof AccountDraft]?: string };

export interface AccountForm {
  readonly draft: AccountDraft;
  readonly errors: AccountErrors;
  readonly set: (field: keyof AccountDraft, value: string) => void;
  /** The account as it would be made, or null with the errors shown. */
  readonly check: () => AccountDraft | null;
}

/** The fields of a new account: checked when sent, corrected as typed, the server's refusals at the field they are of. */
export function useAccountForm(refusal: unknown): AccountForm {
  const text = useText();
  const [draft, setDraft] = useState<AccountDraft>({ username: "", displayName: "", password: "" });
  const [checked, setChecked] = useState(false);
  const [answered, setAnswered] = useState<unknown>(null);
  const own = checked ? faults(draft, text) : {};
  const theirs = refusal !== answered ? fieldError(refusal, text) : {};
  return {
    draft,
    errors: { ...theirs, ...own },
    set: (field, value) => {
      // What was refused is refused no longer once it is changed.
      if (field in fieldError(refusal, text)) setAnswered(refusal);
      setDraft({ ...draft, [field]: value });
    },
    check: () => {
      setChecked(true);
      const account = { ...draft, username: draft.username.trim().toLowerCase(), displayName: draft.displayName.trim() || draft.username.trim() };
      return Object.keys(faults(account, text)).length === 0 ? account : null;
    },
  };
}

/** What is said at a field need not be said above the form. */
export const atField = (error: unknown): boolean =>
  isProblem(error, "username_taken") || (isProblem(error, "validation_failed") && error.field !== null && error.field in Fields);

const Fields: Readonly<Record<string, keyof AccountDraft>> = { username: "username", display_name: "displayName", password: "password" };

function faults(draft: AccountDraft, text: Catalogue): AccountErrors {
  const name = [...draft.displayName.trim()].length;
  const password = [...draft.password].length;
  return {
    ...(/^[a-z0-9_.-]{2,32}$/i.test(draft.username.trim()) ? {} : { username: text.account.usernameForm }),
    ...(name <= 64 ? {} : { displayName: text.account.displayNameForm }),
    ...(password >= 10 && password <= 256 ? {} : { password: text.account.passwordForm }),
  };
}

function fieldError(refusal: unknown, text: Catalogue): AccountErrors {
  if (!isProblem(refusal)) return {};
  if (refusal.code === "username_taken") return { username: problemText(text, refusal) };
  const field = refusal.code === "validation_failed" ? Fields[refusal.field ?? ""] : undefined;
  // What is wrong with a password of the right length is that everybody has it.
  const words = { username: text.account.usernameForm, displayName: text.account.displayNameForm, password: text.account.passwordEasy };
  return field ? { [field]: words[field] } : {};
}
