import { Checkbox, InputGroup } from "@blueprintjs/core";
import { useState } from "react";
import { Field } from "@/components/field";
import { FormDialog } from "@/components/form-dialog";
import { useNotify } from "@/components/notices";
import { PersonFields } from "@/components/person-fields";
import { NOBODY, sentPerson } from "@/lib/people";
import { NewPasswordField, PASSWORD_LENGTH_MIN } from "./new-password-field";
import { useCreateUser } from "./use-users";

const BLANK = { ...NOBODY, username: "", password: "", isAdmin: false };

/** Makes an account for a person. */
export function CreateUserDialog({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const [draft, setDraft] = useState(BLANK);
  const create = useCreateUser();
  const notify = useNotify();

  const set = (part: Partial<typeof BLANK>) => setDraft((before) => ({ ...before, ...part }));
  const close = () => {
    setDraft(BLANK);
    create.reset();
    onClose();
  };
  const submit = () =>
    create.mutate(
      {
        username: draft.username.trim(),
        password: draft.password,
        ...sentPerson(draft),
        isAdmin: draft.isAdmin,
      },
      {
        onSuccess: (user) => {
          close();
          notify({ message: `${user.username} can sign in now.`, intent: "success" });
        },
      },
    );
  return (
    <FormDialog
      error={create.error}
      isOpen={isOpen}
      isPending={create.isPending}
      isReady={draft.username.trim() !== "" && draft.password.length >= PASSWORD_LENGTH_MIN}
      onClose={close}
      onSubmit={submit}
      submitLabel="Create"
      title="Create user"
    >
      <Field label="Username">
        {(input) => (
          <InputGroup
            {...input}
            autoComplete="off"
            autoFocus
            onValueChange={(username) => set({ username })}
            value={draft.username}
          />
        )}
      </Field>
      <NewPasswordField onChange={(password) => set({ password })} value={draft.password} />
      <PersonFields onChange={set} person={draft} />
      <Checkbox
        checked={draft.isAdmin}
        label="Administrator: manages users, groups and applications"
        onChange={(event) => set({ isAdmin: event.currentTarget.checked })}
      />
    </FormDialog>
  );
}
