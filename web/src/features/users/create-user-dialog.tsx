import { Checkbox, InputGroup } from "@blueprintjs/core";
import { useState } from "react";
import { Field } from "@/components/field";
import { FormDialog } from "@/components/form-dialog";
import { useNotify } from "@/components/notices";
import { NewPasswordField, PASSWORD_LENGTH_MIN } from "./new-password-field";
import { useCreateUser } from "./use-users";
import styles from "./users.module.css";

const BLANK = {
  username: "",
  password: "",
  givenName: "",
  familyName: "",
  email: "",
  isAdmin: false,
};

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
        givenName: draft.givenName.trim() || null,
        familyName: draft.familyName.trim() || null,
        email: draft.email.trim() || null,
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
      <Text
        autoFocus
        label="Username"
        onChange={(username) => set({ username })}
        value={draft.username}
      />
      <NewPasswordField onChange={(password) => set({ password })} value={draft.password} />
      <div className={styles.pair}>
        <Text
          isOptional
          label="Given name"
          onChange={(givenName) => set({ givenName })}
          value={draft.givenName}
        />
        <Text
          isOptional
          label="Family name"
          onChange={(familyName) => set({ familyName })}
          value={draft.familyName}
        />
      </div>
      <Text
        isOptional
        label="E-mail address"
        onChange={(email) => set({ email })}
        value={draft.email}
      />
      <Checkbox
        checked={draft.isAdmin}
        label="Administrator: manages users, groups and applications"
        onChange={(event) => set({ isAdmin: event.currentTarget.checked })}
      />
    </FormDialog>
  );
}

interface TextProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  isOptional?: boolean;
  autoFocus?: boolean;
}

function Text({ label, value, onChange, isOptional = false, autoFocus = false }: TextProps) {
  return (
    <Field isOptional={isOptional} label={label}>
      {(input) => (
        <InputGroup
          {...input}
          autoComplete="off"
          autoFocus={autoFocus}
          onValueChange={onChange}
          value={value}
        />
      )}
    </Field>
  );
}
