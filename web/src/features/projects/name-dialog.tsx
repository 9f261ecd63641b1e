import { InputGroup } from "@blueprintjs/core";
import { useState } from "react";
import { Field } from "@/components/field";
import { FormDialog } from "@/components/form-dialog";

export interface AskedDialogProps<T> {
  title: string;
  submitLabel: string;
  isOpen: boolean;
  onClose: () => void;
  /** Does it with what was put in. */
  onSubmit: (value: T, options: { onSuccess: () => void }) => void;
  /** Forgets what went wrong before. */
  onReset: () => void;
  isPending: boolean;
  error: unknown;
}

interface NameDialogProps extends AskedDialogProps<string> {
  /** The name that stands there at first. */
  name?: string;
}

/** Asks for a name: for a new folder, or to rename something. */
export function NameDialog({ name: initial = "", onSubmit, onReset, ...props }: NameDialogProps) {
  const [typed, setTyped] = useState<string>();
  const name = typed ?? initial;
  const close = () => {
    setTyped(undefined);
    onReset();
    props.onClose();
  };
  return (
    <FormDialog
      {...props}
      isReady={name.trim() !== "" && name.trim() !== initial}
      onClose={close}
      onSubmit={() => onSubmit(name.trim(), { onSuccess: close })}
    >
      <Field label="Name">
        {(input) => <InputGroup {...input} autoFocus onValueChange={setTyped} value={name} />}
      </Field>
    </FormDialog>
  );
}
