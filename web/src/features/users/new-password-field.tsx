import { Button, InputGroup } from "@blueprintjs/core";
import { EyeOffIcon, EyeOpenIcon, RandomIcon } from "@blueprintjs/icons";
import { useState } from "react";
import { CopyButton } from "@/components/copy-button";
import { Field } from "@/components/field";
import styles from "./users.module.css";

export const PASSWORD_LENGTH_MIN = 12;
const GENERATED_BYTES = 18;

interface NewPasswordFieldProps {
  value: string;
  onChange: (value: string) => void;
}

/** Asks for a password for somebody else, or makes one. */
export function NewPasswordField({ value, onChange }: NewPasswordFieldProps) {
  const [isShown, setIsShown] = useState(false);
  const generate = () => {
    onChange(randomPassword());
    setIsShown(true);
  };
  return (
    <Field
      help={`At least ${PASSWORD_LENGTH_MIN} characters. Hand it over in a safe way; the user can change it.`}
      label="Password"
    >
      {(input) => (
        <>
          <InputGroup
            {...input}
            autoComplete="new-password"
            onValueChange={onChange}
            rightElement={
              <Button
                aria-label={isShown ? "Hide the password" : "Show the password"}
                icon={isShown ? <EyeOffIcon /> : <EyeOpenIcon />}
                onClick={() => setIsShown(!isShown)}
                variant="minimal"
              />
            }
            spellCheck={false}
            type={isShown ? "text" : "password"}
            value={value}
          />
          <div className={styles.password}>
            <Button icon={<RandomIcon />} onClick={generate} size="small" text="Generate" />
            {value !== "" && <CopyButton size="small" text={value} />}
          </div>
        </>
      )}
    </Field>
  );
}

function randomPassword(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(GENERATED_BYTES));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_");
}
