import { HTMLSelect } from "@blueprintjs/core";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { Field } from "@/components/field";
import { ProjectDialog } from "./project-dialog";
import { useCreateProject, useSpaces } from "./use-projects";

interface NewProjectDialogProps {
  isOpen: boolean;
  onClose: () => void;
}

/** Makes a project, and goes there. */
export function NewProjectDialog({ isOpen, onClose }: NewProjectDialogProps) {
  const [chosenSpace, setChosenSpace] = useState<string>();
  const spaces = useSpaces();
  const create = useCreateProject();
  const navigate = useNavigate();

  const spaceRid = chosenSpace ?? spaces.data?.[0]?.rid;
  return (
    <ProjectDialog
      error={create.error ?? spaces.error}
      isOpen={isOpen}
      isPending={create.isPending}
      isReady={spaceRid !== undefined}
      onClose={onClose}
      onReset={create.reset}
      onSubmit={(words, { onSuccess }) =>
        create.mutate(
          { ...words, spaceRid: spaceRid ?? "" },
          {
            onSuccess: (project) => {
              onSuccess();
              void navigate({ to: "/projects/$rid", params: { rid: project.rid } });
            },
          },
        )
      }
      submitLabel="Create project"
      title="New project"
    >
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
    </ProjectDialog>
  );
}
