import { InputGroup } from "@blueprintjs/core";
import { useState } from "react";
import { Field } from "@/components/field";
import { afterPress } from "@/lib/press";

interface StreamNameProps {
  value: string;
  onChange: (name: string) => void;
  /** What is wrong with it; said once the input was left. */
  problem: string | undefined;
  /** What the server said of it. */
  refusal: string | undefined;
}

/** The name of the stream. */
export function StreamName({ value, onChange, problem, refusal }: StreamNameProps) {
  const [isTouched, setIsTouched] = useState(false);
  return (
    <Field error={refusal ?? (isTouched ? problem : undefined)} label="Stream name">
      {(input) => (
        <InputGroup
          {...input}
          autoComplete="off"
          autoFocus
          data-place="name"
          onBlur={() => afterPress(() => setIsTouched(true))}
          onValueChange={onChange}
          value={value}
        />
      )}
    </Field>
  );
}
