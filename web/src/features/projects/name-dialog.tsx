import { InputGroup } from "@blueprintjs/core";
import type { UseMutationResult } from "@tanstack/react-query";
import { useState } from "react";
import { Field } from "@/components/field";
import { FormDialog } from "@/components/form-dialog";

interface NameDialogProps {
  title: string;
  submitLabel: string;
  /** The name that stands there at first. */
  name?: string;
  isOpen: boolean;
  onClose: () => void;
  /** What is done with the name. */
  mutation: UseMutationResult<unknown, Error, string>;
}

/** Asks for a name: for a new folder, or to rename one. */
export function NameDialog({ name: initial = "", mutation, ...props }: NameDialogProps) {
  const [name, setName] = useState(initial);
  const close = () => {
    setName(initial);
    mutation.reset();
    props.onClose();
  };
  return (
    <FormDialog
      error={mutation.error}
      isOpen={props.isOpen}
      isPending={mutation.isPending}
      isReady={name.trim() !== "" && name.trim() !== initial}
      onClose={close}
      onSubmit={() => mutation.mutate(name.trim(), { onSuccess: close })}
      submitLabel={props.submitLabel}
      title={props.title}
    >
      <Field label="Name">
        {(input) => <InputGroup {...input} autoFocus onValueChange={setName} value={name} />}
      </Field>
    </FormDialog>
  );
}
