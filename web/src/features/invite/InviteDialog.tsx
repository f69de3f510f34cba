import { useState, type ReactNode } from "react";
import { useText } from "../../i18n";
import { Button } from "../../ui/Button";
import { Dialog, DialogActions } from "../../ui/Dialog";
import { Choice } from "../../ui/Field";
import { InviteLink } from "./InviteLink";

const Lifetimes = { hour: 3_600, day: 24 * 3_600, week: 7 * 24 * 3_600, ever: null } as const;
const UseCounts = { one: 1, five: 5, many: 25, any: null } as const;

export function InviteDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const text = useText();
  const [lifetime, setLifetime] = useState<keyof typeof Lifetimes>("week");
  const [uses, setUses] = useState<keyof typeof UseCounts>("any");
  const [made, setMade] = useState(false);
  const options = <K extends string>(labels: Readonly<Record<K, string>>) =>
    (Object.keys(labels) as K[]).map((value) => ({ value, label: labels[value] }));
  return (
    <Dialog title={text.invite.title} onClose={onClose}>
      <p>{text.invite.intro}</p>
      {made ? (
        <>
          <InviteLink lifetime={Lifetimes[lifetime]} maxUses={UseCounts[uses]} />
          <DialogActions>
            <Button onClick={() => setMade(false)}>{text.invite.another}</Button>
            <Button look="main" onClick={onClose}>
              {text.common.close}
            </Button>
          </DialogActions>
        </>
      ) : (
        <>
          <Choice legend={text.invite.lifetime} value={lifetime} options={options(text.invite.lifetimes)} onValue={setLifetime} />
          <Choice legend={text.invite.uses} value={uses} options={options(text.invite.useCounts)} onValue={setUses} />
          <DialogActions>
            <Button look="main" onClick={() => setMade(true)}>
              {text.invite.create}
            </Button>
          </DialogActions>
        </>
      )}
    </Dialog>
  );
}
