import { InputGroup } from "@blueprintjs/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Field } from "@/components/field";
import { FormDialog } from "@/components/form-dialog";
import { useNotify } from "@/components/notices";
import { answer, type Schema, useApi } from "@/lib/api";
import { useUser } from "@/lib/session";

interface ChangePasswordDialogProps {
  isOpen: boolean;
  onClose: () => void;
}

/** Changes one's own password. */
export function ChangePasswordDialog({ isOpen, onClose }: ChangePasswordDialogProps) {
  const [oldPassword, setOldPassword] = useState("");
  const [newPassword, setNewPassword] = useState("");
  const [again, setAgain] = useState("");
  const change = useChangePassword();
  const notify = useNotify();

  const isDifferent = again !== "" && again !== newPassword;
  const close = () => {
    for (const set of [setOldPassword, setNewPassword, setAgain]) set("");
    change.reset();
    onClose();
  };
  const submit = () =>
    change.mutate(
      { oldPassword, newPassword },
      {
        onSuccess: () => {
          close();
          notify({ message: "Your password is changed.", intent: "success" });
        },
      },
    );
  return (
    <FormDialog
      error={change.error}
      isOpen={isOpen}
      isPending={change.isPending}
      isReady={oldPassword !== "" && newPassword !== "" && again === newPassword}
      onClose={close}
      onSubmit={submit}
      submitLabel="Change password"
      title="Change password"
    >
      <Password label="Current password" onChange={setOldPassword} value={oldPassword} />
      <Password isNew label="New password" onChange={setNewPassword} value={newPassword} />
      <Password
        error={isDifferent ? "The two are not the same." : undefined}
        isNew
        label="New password again"
        onChange={setAgain}
        value={again}
      />
    </FormDialog>
  );
}

interface PasswordProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  isNew?: boolean;
  error?: string | undefined;
}

function Password({ label, value, onChange, isNew = false, error }: PasswordProps) {
  return (
    <Field error={error} label={label}>
      {(input) => (
        <InputGroup
          {...input}
          autoComplete={isNew ? "new-password" : "current-password"}
          onValueChange={onChange}
          type="password"
          value={value}
        />
      )}
    </Field>
  );
}

function useChangePassword() {
  const api = useApi();
  const user = useUser();
  return useMutation({
    mutationFn: (body: Schema<"PasswordBody">) =>
      answer(
        api.POST("/api/v1/users/{user_id}/password", {
          params: { path: { user_id: user.id } },
          body,
        }),
      ),
  });
}
