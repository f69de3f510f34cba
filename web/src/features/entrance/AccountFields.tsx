import type { ReactNode } from "react";
import { useText } from "../../i18n";
import { Field, PasswordField } from "../../ui/Field";
import type { AccountForm } from "./account";

export function AccountFields({ form }: { readonly form: AccountForm }): ReactNode {
  const text = useText();
  return (
    <>
      <Field
        label={text.account.username}
        hint={text.account.usernameHint}
        error={form.errors.username}
        name="username"
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        required
        value={form.draft.username}
        onValue={(value) => form.set("username", value)}
      />
      <Field
        label={text.account.displayName}
        hint={text.account.displayNameHint}
        error={form.errors.displayName}
        optional
        name="name"
        autoComplete="name"
        value={form.draft.displayName}
        onValue={(value) => form.set("displayName", value)}
      />
      <PasswordField
        label={text.account.password}
        hint={text.account.newPasswordHint}
        error={form.errors.password}
        name="password"
        autoComplete="new-password"
        required
        value={form.draft.password}
        onValue={(value) => form.set("password", value)}
      />
    </>
  );
}
