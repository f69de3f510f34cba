import { useState, type ReactNode } from "react";
import { problemText, useText } from "../../i18n";
import { Button } from "../../ui/Button";
import { Dialog, DialogActions } from "../../ui/Dialog";
import { Field } from "../../ui/Field";
import { Form } from "../../ui/Form";
import { isProblem } from "../../wire/problem";
import { useApp, useChat } from "../app";
import { useAction } from "../useAction";

const MostTopic = 1_024;

export function CreateChannel({ onClose }: { readonly onClose: () => void }): ReactNode {
  const text = useText();
  const chat = useChat();
  const { router } = useApp();
  const [name, setName] = useState("");
  const [topic, setTopic] = useState("");
  const [checked, setChecked] = useState(false);
  const plain = name.trim().replace(/^#+/, "");
  const invalid = plain === "" || [...plain].length > 64;
  const create = useAction(async () => {
    setChecked(true);
    if (invalid) return;
    const id = await chat.createChannel(plain, topic.trim());
    onClose();
    router.go({ at: "channel", id, members: false });
  });
  const taken = isProblem(create.error, "name_taken", "conflict");
  return (
    <Dialog title={text.list.createChannel} onClose={onClose}>
      <Form error={taken ? null : create.error} onSubmit={() => void create.run()}>
        <Field
          label={text.channel.name}
          hint={text.channel.nameHint}
          error={checked && invalid ? text.channel.nameForm : taken ? problemText(text, create.error) : null}
          autoComplete="off"
          autoCapitalize="none"
          required
          value={name}
          onValue={setName}
        />
        <Field
          label={text.channel.topic}
          hint={text.channel.topicHint}
          optional
          autoComplete="off"
          maxLength={MostTopic}
          value={topic}
          onValue={setTopic}
        />
        <DialogActions>
          <Button onClick={onClose}>{text.common.cancel}</Button>
          <Button type="submit" look="main" busy={create.busy}>
            {text.channel.create}
          </Button>
        </DialogActions>
      </Form>
    </Dialog>
  );
}
