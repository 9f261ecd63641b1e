import { Button, InputGroup } from "@blueprintjs/core";
import { type FormEvent, useState } from "react";
import { Field } from "@/components/field";
import { Logo } from "@/components/logo";
import { useDocumentTitle } from "@/components/page";
import { Problem } from "@/components/problem";
import { ApiError } from "@/lib/errors";
import { useSignIn } from "@/lib/session";
import styles from "./sign-in-form.module.css";

/** Asks for a name and a password. */
export function SignInForm({ onSignedIn }: { onSignedIn: () => void }) {
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  const signIn = useSignIn();
  useDocumentTitle("Sign in");

  const submit = (event: FormEvent) => {
    event.preventDefault();
    signIn.mutate({ username: username.trim(), password }, { onSuccess: onSignedIn });
  };
  return (
    <main className={styles.screen}>
      <div className={styles.panel}>
        <div className={styles.brand}>
          <Logo size={28} />
          Sluiceway
        </div>
        <div className={styles.card}>
          <h1 className={styles.title}>Sign in</h1>
          <form className={styles.form} onSubmit={submit}>
            <Field label="Username">
              {(input) => (
                <InputGroup
                  {...input}
                  autoCapitalize="none"
                  autoComplete="username"
                  autoFocus
                  onValueChange={setUsername}
                  required
                  size="large"
                  spellCheck={false}
                  value={username}
                />
              )}
            </Field>
            <PasswordField onChange={setPassword} value={password} />
            {signIn.isError && (
              <div className={styles.problem}>
                <Problem error={explained(signIn.error)} />
              </div>
            )}
            <Button
              fill
              intent="primary"
              loading={signIn.isPending}
              size="large"
              text="Sign in"
              type="submit"
            />
          </form>
        </div>
        <FirstRunHint />
      </div>
    </main>
  );
}

function PasswordField(props: { value: string; onChange: (value: string) => void }) {
  return (
    <Field label="Password">
      {(input) => (
        <InputGroup
          {...input}
          autoComplete="current-password"
          onValueChange={props.onChange}
          required
          size="large"
          type="password"
          value={props.value}
        />
      )}
    </Field>
  );
}

function FirstRunHint() {
  return (
    <details className={styles.hint}>
      <summary>First time here?</summary>
      <p>
        When the server starts for the first time it makes the user <code>admin</code> and prints
        the password in its terminal, once. It can be chosen beforehand with the environment
        variable <code>SLUICEWAY_ADMIN_PASSWORD</code>.
      </p>
      <p>Everybody else gets an account from an administrator.</p>
    </details>
  );
}

function explained(error: unknown): unknown {
  if (!(error instanceof ApiError)) return error;
  if (error.status === 401) return new Error("The username or the password is not right.");
  if (error.status === 429) return new Error("Too many attempts. Wait a minute and try again.");
  return error;
}
