import { FormGroup } from "@blueprintjs/core";
import { type ReactNode, useId } from "react";

/** What the input of a field must carry: `<InputGroup {...input} />`. */
export interface FieldInput {
  id: string;
  "aria-describedby"?: string;
  "aria-invalid"?: true;
  intent?: "danger";
}

interface FieldProps {
  label: string;
  /** How to fill it in. */
  help?: ReactNode;
  /** What is wrong with it now. */
  error?: string | undefined;
  isOptional?: boolean;
  children: (input: FieldInput) => ReactNode;
}

/** A labelled input with its help and its error, tied together for screen readers. */
export function Field({ label, help, error, isOptional = false, children }: FieldProps) {
  const id = useId();
  const note = error ?? help;
  const input: FieldInput = {
    id,
    ...(note !== undefined && { "aria-describedby": `${id}-note` }),
    ...(error !== undefined && { "aria-invalid": true, intent: "danger" }),
  };
  return (
    <FormGroup
      helperText={note !== undefined && <span id={`${id}-note`}>{note}</span>}
      intent={error === undefined ? "none" : "danger"}
      label={label}
      labelFor={id}
      labelInfo={isOptional ? "(optional)" : ""}
    >
      {children(input)}
    </FormGroup>
  );
}
