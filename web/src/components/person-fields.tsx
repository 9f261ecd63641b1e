import { InputGroup } from "@blueprintjs/core";
import type { Person } from "@/lib/people";
import { Field } from "./field";
import styles from "./person-fields.module.css";

interface PersonFieldsProps {
  person: Person;
  onChange: (changes: Partial<Person>) => void;
  /** Whether the e-mail address may be changed; else it is not shown. */
  hasEmail?: boolean;
  autoFocus?: boolean;
}

/** The inputs for a person's name and e-mail address. */
export function PersonFields({
  person,
  onChange,
  hasEmail = true,
  autoFocus = false,
}: PersonFieldsProps) {
  return (
    <>
      <div className={styles.pair}>
        <Field isOptional label="Given name">
          {(input) => (
            <InputGroup
              {...input}
              autoComplete="off"
              autoFocus={autoFocus}
              onValueChange={(givenName) => onChange({ givenName })}
              value={person.givenName}
            />
          )}
        </Field>
        <Field isOptional label="Family name">
          {(input) => (
            <InputGroup
              {...input}
              autoComplete="off"
              onValueChange={(familyName) => onChange({ familyName })}
              value={person.familyName}
            />
          )}
        </Field>
      </div>
      {hasEmail && (
        <Field isOptional label="E-mail address">
          {(input) => (
            <InputGroup
              {...input}
              autoComplete="off"
              onValueChange={(email) => onChange({ email })}
              value={person.email}
            />
          )}
        </Field>
      )}
    </>
  );
}
