import { InputGroup, TextArea } from "@blueprintjs/core";
import { type ReactNode, useState } from "react";
import { Field } from "@/components/field";
import { FormDialog } from "@/components/form-dialog";
import type { AskedDialogProps } from "./name-dialog";

interface ProjectWords {
  displayName: string;
  description: string | null;
}

interface ProjectDialogProps extends AskedDialogProps<ProjectWords> {
  /** What stands there at first. */
  name?: string;
  description?: string;
  /** Whether all that is asked for besides is known. */
  isReady?: boolean;
  /** What is asked for besides. */
  children?: ReactNode;
}

/** Asks for a project's name and description. */
export function ProjectDialog({ onSubmit, onReset, children, ...props }: ProjectDialogProps) {
  const { name: oldName = "", description: oldDescription = "", isReady = true } = props;
  const [name, setName] = useState<string>();
  const [description, setDescription] = useState<string>();
  const words = {
    displayName: (name ?? oldName).trim(),
    description: (description ?? oldDescription).trim() || null,
  };
  const close = () => {
    setName(undefined);
    setDescription(undefined);
    onReset();
    props.onClose();
  };
  const isChanged = words.displayName !== oldName || words.description !== (oldDescription || null);
  return (
    <FormDialog
      error={props.error}
      isOpen={props.isOpen}
      isPending={props.isPending}
      isReady={isReady && words.displayName !== "" && isChanged}
      onClose={close}
      onSubmit={() => onSubmit(words, { onSuccess: close })}
      submitLabel={props.submitLabel}
      title={props.title}
    >
      <Field label="Name">
        {(input) => (
          <InputGroup {...input} autoFocus onValueChange={setName} value={name ?? oldName} />
        )}
      </Field>
      <Field isOptional label="Description">
        {({ intent: _, ...input }) => (
          <TextArea
            {...input}
            autoResize
            fill
            onChange={(event) => setDescription(event.target.value)}
            value={description ?? oldDescription}
          />
        )}
      </Field>
      {children}
    </FormDialog>
  );
}
