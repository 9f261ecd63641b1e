import { InputGroup, type Intent } from "@blueprintjs/core";
import { type ReactNode, useState } from "react";
import { Field } from "./field";
import { FormDialog } from "./form-dialog";

interface ConfirmDialogProps {
  title: string;
  isOpen: boolean;
  onClose: () => void;
  confirmLabel: string;
  onConfirm: () => void;
  /** What must be typed first, for what cannot be undone. */
  typed?: string;
  intent?: Intent;
  isPending?: boolean;
  error?: unknown;
  /** What will happen. */
  children: ReactNode;
}

/** Asks before something is done; with *typed* only after that word was typed. */
export function ConfirmDialog({ typed, children, ...props }: ConfirmDialogProps) {
  const [text, setText] = useState("");
  const close = () => {
    setText("");
    props.onClose();
  };
  return (
    <FormDialog
      error={props.error}
      intent={props.intent ?? "danger"}
      isOpen={props.isOpen}
      isPending={props.isPending ?? false}
      isReady={typed === undefined || text === typed}
      onClose={close}
      onSubmit={props.onConfirm}
      submitLabel={props.confirmLabel}
      title={props.title}
    >
      <div>{children}</div>
      {typed !== undefined && (
        <Field label={`Type ${typed} to confirm`}>
          {(input) => (
            <InputGroup {...input} autoComplete="off" onValueChange={setText} value={text} />
          )}
        </Field>
      )}
    </FormDialog>
  );
}
