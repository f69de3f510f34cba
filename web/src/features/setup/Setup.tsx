import { useState, type ReactNode } from "react";
import { useText } from "../../i18n";
import { Choice, Field } from "../../ui/Field";
import { useStore } from "../../ui/useSelect";
import { isProblem } from "../../wire/problem";
import type { RegistrationMode } from "../../wire/shapes";
import { useApp } from "../app";
import { AccountFields } from "../entrance/AccountFields";
import { atField, useAccountForm } from "../entrance/account";
import { Card, CardForm } from "../entrance/Card";
import { InviteLink } from "../invite/InviteLink";
import { Link } from "../Link";
import { useAction } from "../useAction";

const Steps = 3;
const WeekSeconds = 7 * 24 * 3600;

/** First step: the owner's account, with the token of the printed link or, on the server's own machine, without. */
export function SetupOwner(): ReactNode {
  const text = useText();
  const { session, router, setupToken } = useApp();
  const server = useStore(session.server);
  const create = useAction(async () => {
    const account = form.check();
    if (account === null) return;
    await session.register({ ...account, ...(setupToken === null ? {} : { setupToken }) });
    router.go({ at: "setup", step: "server" }, "replace");
  });
  const form = useAccountForm(create.error);
  if (isProblem(create.error, "setup_done") || (server !== null && !server.setupNeeded && !create.busy)) return <SetupDone />;
  if (isProblem(create.error, "setup_token_invalid")) {
    return (
      <Card title={text.setup.tokenInvalid}>
        <p>{text.setup.tokenInvalidWhy}</p>
      </Card>
    );
  }
  return (
    <Card title={text.setup.ownerTitle} above={text.setup.step(1, Steps)} intro={<p>{text.setup.ownerIntro}</p>}>
      <CardForm
        action={text.setup.ownerAction}
        busy={create.busy}
        error={atField(create.error) ? null : create.error}
        onSubmit={() => void create.run()}
      >
        <AccountFields form={form} />
      </CardForm>
    </Card>
  );
}

function SetupDone(): ReactNode {
  const text = useText();
  return (
    <Card title={text.setup.done} foot={<Link to={{ at: "login" }}>{text.signIn.action}</Link>}>
      <p>{text.setup.doneWhy}</p>
    </Card>
  );
}

/** Second step, by the signed-in owner: the server's name, and who may join. */
export function SetupServer(): ReactNode {
  const text = useText();
  const { session, router } = useApp();
  const server = useStore(session.server);
  const [name, setName] = useState(server?.name ?? "");
  const [registration, setRegistration] = useState<RegistrationMode>(server?.registration ?? "invite");
  const [checked, setChecked] = useState(false);
  const invalid = name.trim() === "" || [...name.trim()].length > 64;
  const save = useAction(async () => {
    setChecked(true);
    if (invalid) return;
    await session.api.changeServer({ name: name.trim(), registration });
    await session.refreshServer();
    router.go(registration === "closed" ? { at: "home" } : { at: "setup", step: "invite" }, "replace");
  });
  const modes = (["invite", "open", "closed"] as const).map((value) => {
    const [label, hint] = text.setup.modes[value];
    return { value, label: label ?? value, hint: hint ?? "" };
  });
  return (
    <Card title={text.setup.serverTitle} above={text.setup.step(2, Steps)} intro={<p>{text.setup.serverIntro}</p>}>
      <CardForm action={text.common.next} busy={save.busy} error={save.error} onSubmit={() => void save.run()}>
        <Field
          label={text.setup.serverName}
          error={checked && invalid ? text.setup.serverNameForm : null}
          name="server-name"
          autoComplete="off"
          value={name}
          onValue={setName}
        />
        <Choice legend={text.setup.registration} look="list" value={registration} options={modes} onValue={setRegistration} />
      </CardForm>
    </Card>
  );
}

/** Third step: a link for the others. */
export function SetupInvite(): ReactNode {
  const text = useText();
  const { router } = useApp();
  return (
    <Card title={text.setup.inviteTitle} above={text.setup.step(3, Steps)} intro={<p>{text.setup.inviteIntro}</p>}>
      <CardForm action={text.setup.finish} busy={false} error={null} onSubmit={() => router.go({ at: "home" }, "replace")}>
        <InviteLink lifetime={WeekSeconds} maxUses={null} />
      </CardForm>
    </Card>
  );
}
