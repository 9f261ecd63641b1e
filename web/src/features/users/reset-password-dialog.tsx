import { useState } from "react";
import { FormDialog } from "@/components/form-dialog";
import { useNotify } from "@/components/notices";
import { NewPasswordField, PASSWORD_LENGTH_MIN } from "./new-password-field";
import { type User, useResetPassword } from "./use-users";

/** Gives a user another password. */
export function ResetPasswordDialog(props: { user: User; isOpen: boolean; onClose: () => void }) {
  const { user, isOpen, onClose } = props;
  const [password, setPassword] = useState("");
  const reset = useResetPassword(user.id);
  const notify = useNotify();
  const close = () => {
    setPassword("");
    reset.reset();
    onClose();
  };
  const done = () => {
    close();
    notify({ message: `${user.username} has a new password.`, intent: "success" });
  };
  return (
    <FormDialog
      error={reset.error}
      isOpen={isOpen}
      isPending={reset.isPending}
      isReady={password.length >= PASSWORD_LENGTH_MIN}
      onClose={close}
      onSubmit={() => reset.mutate(password, { onSuccess: done })}
      submitLabel="Reset password"
      title={`Reset the password of ${user.username}`}
    >
      <NewPasswordField onChange={setPassword} value={password} />
      <p>The user is signed out everywhere. Personal tokens go on.</p>
    </FormDialog>
  );
}
