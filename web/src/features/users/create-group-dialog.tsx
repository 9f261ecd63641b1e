import { InputGroup } from "@blueprintjs/core";
import { useState } from "react";
import { Field } from "@/components/field";
import { FormDialog } from "@/components/form-dialog";
import { useCreateGroup } from "./use-groups";

/** Makes a group. */
export function CreateGroupDialog({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const [name, setName] = useState("");
  const [description, setDescription] = useState("");
  const create = useCreateGroup();
  const close = () => {
    setName("");
    setDescription("");
    create.reset();
    onClose();
  };
  return (
    <FormDialog
      error={create.error}
      isOpen={isOpen}
      isPending={create.isPending}
      isReady={name.trim() !== ""}
      onClose={close}
      onSubmit={() =>
        create.mutate(
          { name: name.trim(), description: description.trim() || null },
          { onSuccess: close },
        )
      }
      submitLabel="Create"
      title="Create group"
    >
      <Field label="Name">
        {(input) => <InputGroup {...input} autoFocus onValueChange={setName} value={name} />}
      </Field>
      <Field isOptional label="Description">
        {(input) => <InputGroup {...input} onValueChange={setDescription} value={description} />}
      </Field>
    </FormDialog>
  );
}
