import { HTMLSelect, InputGroup, TextArea } from "@blueprintjs/core";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { Field } from "@/components/field";
import { FormDialog } from "@/components/form-dialog";
import { useCreateProject, useSpaces } from "./use-projects";

interface NewProjectDialogProps {
  isOpen: boolean;
  onClose: () => void;
}

/** Makes a project, and goes there. */
export function NewProjectDialog({ isOpen, onClose }: NewProjectDialogProps) {
  const [name, setName] = useState("");
  const [description, setDescription] = useState("");
  const [chosenSpace, setChosenSpace] = useState<string>();
  const spaces = useSpaces();
  const create = useCreateProject();
  const navigate = useNavigate();

  const spaceRid = chosenSpace ?? spaces.data?.[0]?.rid;
  const close = () => {
    setName("");
    setDescription("");
    create.reset();
    onClose();
  };
  const submit = () => {
    if (spaceRid === undefined) return;
    const displayName = name.trim();
    create.mutate(
      { displayName, spaceRid, description: description.trim() || null },
      {
        onSuccess: (project) => {
          close();
          void navigate({ to: "/projects/$rid", params: { rid: project.rid } });
        },
      },
    );
  };
  return (
    <FormDialog
      error={create.error ?? spaces.error}
      isOpen={isOpen}
      isPending={create.isPending}
      isReady={name.trim() !== "" && spaceRid !== undefined}
      onClose={close}
      onSubmit={submit}
      submitLabel="Create project"
      title="New project"
    >
      <Field label="Name">
        {(input) => <InputGroup {...input} autoFocus onValueChange={setName} value={name} />}
      </Field>
      <Field isOptional label="Description">
        {({ intent: _, ...input }) => (
          <TextArea
            {...input}
            autoResize
            fill
            onChange={(event) => setDescription(event.target.value)}
            value={description}
          />
        )}
      </Field>
      {(spaces.data?.length ?? 0) > 1 && (
        <Field label="Space">
          {({ intent: _, ...input }) => (
            <HTMLSelect
              {...input}
              fill
              onChange={(event) => setChosenSpace(event.target.value)}
              value={spaceRid ?? ""}
            >
              {spaces.data?.map((space) => (
                <option key={space.rid} value={space.rid}>
                  {space.displayName}
                </option>
              ))}
            </HTMLSelect>
          )}
        </Field>
      )}
    </FormDialog>
  );
}
