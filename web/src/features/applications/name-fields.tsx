import { InputGroup, TextArea } from "@blueprintjs/core";
import { Field } from "@/components/field";
import styles from "./applications.module.css";
import type { DraftProps } from "./draft";

/** What people see of the application. */
export function NameFields({ draft, onChange }: DraftProps) {
  return (
    <section aria-label="Name and description" className={styles.names}>
      <h2 className={styles.heading}>Name and description</h2>
      <p className={styles.lead}>What people see when they share with it, or agree to its use.</p>
      <Field label="Name">
        {(input) => (
          <InputGroup {...input} onValueChange={(name) => onChange({ name })} value={draft.name} />
        )}
      </Field>
      <Field isOptional label="Description">
        {({ intent: _, ...input }) => (
          <TextArea
            {...input}
            autoResize
            fill
            onChange={(event) => onChange({ description: event.target.value })}
            value={draft.description}
          />
        )}
      </Field>
    </section>
  );
}
