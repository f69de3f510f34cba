import type { ReactNode } from "react";
import { useText } from "../../i18n";
import { Empty } from "../../ui/Notice";
import { useStore } from "../../ui/useSelect";
import { isProblem } from "../../wire/problem";
import { useApp } from "../app";
import { Link } from "../Link";
import { useAction } from "../useAction";
import { AccountFields } from "./AccountFields";
import { atField, useAccountForm } from "./account";
import { Card, CardForm } from "./Card";

/** A new account: on an open server by itself, elsewhere with an invitation. */
export function Register({ code }: { readonly code: string | null }): ReactNode {
  const text = useText();
  const { session, router } = useApp();
  const server = useStore(session.server);
  const register = useAction(async () => {
    const account = form.check();
    if (account === null) return;
    await session.register({ ...account, ...(code === null ? {} : { inviteCode: code }) });
    router.go({ at: "home" }, "replace");
  });
  const form = useAccountForm(register.error);
  const name = server?.name ?? text.product;
  const foot = (
    <p>
      {text.register.haveAccount} <Link to={{ at: "login" }}>{text.register.signIn}</Link>
    </p>
  );
  if (isProblem(register.error, "invite_invalid")) {
    return (
      <Card title={text.register.badInvitation} foot={foot}>
        <p>{text.register.badInvitationWhy}</p>
      </Card>
    );
  }
  if (server !== null && (server.registration === "closed" || (server.registration === "invite" && code === null))) {
    const why = server.registration === "closed" ? text.register.closed : text.register.needsInvitation;
    return (
      <Card title={text.register.title(name)} foot={foot}>
        <Empty title={why} />
      </Card>
    );
  }
  return (
    <Card
      title={text.register.title(name)}
      intro={code === null ? null : <p>{text.register.invited}</p>}
      foot={foot}
    >
      <CardForm
        action={text.register.action}
        busy={register.busy}
        error={atField(register.error) ? null : register.error}
        onSubmit={() => void register.run()}
      >
        <AccountFields form={form} />
      </CardForm>
    </Card>
  );
}
