import { InputGroup } from "@blueprintjs/core";
import type { ReactNode } from "react";
import { CopyButton } from "./copy-button";
import { Field } from "./field";
import styles from "./read-only-field.module.css";

interface ReadOnlyFieldProps {
  label: string;
  value: string;
  help?: ReactNode;
  onCopied?: () => void;
}

/** A labelled value to read and to copy, such as an identifier or a secret. */
export function ReadOnlyField({ label, value, help, onCopied }: ReadOnlyFieldProps) {
  return (
    <Field help={help} label={label}>
      {(input) => (
        <div className={styles.row}>
          <InputGroup
            {...input}
            className={styles.value}
            fill
            onFocus={(event) => event.target.select()}
            readOnly
            value={value}
          />
          <CopyButton onCopied={onCopied} text={value} />
        </div>
      )}
    </Field>
  );
}
