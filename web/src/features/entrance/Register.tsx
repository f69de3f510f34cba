import { useEffect, useState, type ReactNode } from "react";
import { useText } from "../../i18n";
import { useStore } from "../../ui/useSelect";
import { isProblem } from "../../wire/problem";
import type { Invitation } from "../../wire/shapes";
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
  const invitation = useInvitation(code);
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
  if (invitation === "invalid" || isProblem(register.error, "invite_invalid")) {
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
        <p>{why}</p>
      </Card>
    );
  }
  return (
    <Card
      title={text.register.title(name)}
      intro={code === null ? null : <p>{invitation?.inviterName ? text.register.invitedBy(invitation.inviterName) : text.register.invited}</p>}
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

/** Who invites, or that the code is no good. Where that can't be asked, the registration will tell. */
function useInvitation(code: string | null): Invitation | "invalid" | null {
  const { session } = useApp();
  const [invitation, setInvitation] = useState<Invitation | "invalid" | null>(null);
  useEffect(() => {
    if (code === null) return;
    let wanted = true;
    session.api.invitation(code).then(
      (found) => wanted && setInvitation(found),
      (error: unknown) => wanted && isProblem(error, "not_found", "invite_invalid") && setInvitation("invalid"),
    );
    return () => {
      wanted = false;
    };
  }, [code, session]);
  return invitation;
}
