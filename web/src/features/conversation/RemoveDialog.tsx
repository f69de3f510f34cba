import type { ReactNode } from "react";
import { useText } from "../../i18n";
import { Button } from "../../ui/Button";
import { Dialog, DialogActions } from "../../ui/Dialog";
import type { Message } from "../../wire/shapes";
import { useChat } from "../app";
import { useAction } from "../useAction";
import { OneLine } from "./MessageText";
import styles from "./RemoveDialog.module.css";

export function RemoveDialog({ message, onClose }: { readonly message: Message; readonly onClose: () => void }): ReactNode {
  const text = useText();
  const chat = useChat();
  const remove = useAction(async () => {
    await chat.remove(message.conversationId, message.id);
    onClose();
  });
  return (
    <Dialog title={text.message.removeTitle} onClose={onClose}>
      <p className={styles.quote} dir="auto">
        <OneLine content={message.content} />
      </p>
      <p>{text.message.removeWhy}</p>
      <DialogActions>
        <Button onClick={onClose}>{text.common.cancel}</Button>
        <Button look="danger" busy={remove.busy} onClick={() => void remove.run()}>
          {text.message.remove}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
