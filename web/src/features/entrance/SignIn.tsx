import { useState, type ReactNode } from "react";
import { useText } from "../../i18n";
import { Field, PasswordField } from "../../ui/Field";
import { Notice } from "../../ui/Notice";
import { useStore } from "../../ui/useSelect";
import { useApp } from "../app";
import { Link } from "../Link";
import { useAction } from "../useAction";
import { Card, CardForm } from "./Card";

export function SignIn({ ended }: { readonly ended: boolean }): ReactNode {
  const text = useText();
  const { session } = useApp();
  const server = useStore(session.server);
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  const [checked, setChecked] = useState(false);
  const name = username.trim().toLowerCase();
  const signIn = useAction(async () => {
    setChecked(true);
    if (name !== "" && password !== "") await session.logIn(name, password);
  });
  const open = server?.registration === "open";
  return (
    <Card
      title={text.signIn.title(server?.name ?? text.product)}
      intro={ended && signIn.error === null ? <Notice>{text.signIn.ended}</Notice> : null}
      foot={
        open ? (
          <p>
            {text.signIn.noAccount} <Link to={{ at: "register" }}>{text.signIn.register}</Link>
          </p>
        ) : server?.registration === "invite" ? (
          <p>{text.signIn.byInvitation}</p>
        ) : null
      }
    >
      <CardForm action={text.signIn.action} busy={signIn.busy} error={signIn.error} onSubmit={() => void signIn.run()}>
        <Field
          label={text.account.username}
          error={checked && name === "" ? text.account.usernameEmpty : null}
          name="username"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          required
          value={username}
          onValue={setUsername}
        />
        <PasswordField
          label={text.account.password}
          error={checked && password === "" ? text.account.passwordEmpty : null}
          name="password"
          autoComplete="current-password"
          required
          value={password}
          onValue={setPassword}
        />
      </CardForm>
    </Card>
  );
}
