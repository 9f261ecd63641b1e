import { HTMLSelect } from "@blueprintjs/core";
import { type FieldDraft, withKind } from "./draft";
import { FieldProblem } from "./field-problem";
import { usePlace, useSchema } from "./schema-context";
import styles from "./schema-editor.module.css";
import { KINDS, type Kind } from "./types";

/** The choice of a type. */
export function KindSelect({ field, label }: { field: FieldDraft; label: string }) {
  const { change } = useSchema();
  const place = usePlace(`${field.id}:type`);
  return (
    <div className={styles.kind}>
      <HTMLSelect
        {...place.input}
        aria-label={label}
        fill
        onChange={(event) => {
          const kind = event.target.value as Kind;
          change(field.id, (old) => withKind(old, kind));
        }}
        value={field.kind}
      >
        {Object.entries(KINDS).map(([kind, shown]) => (
          <option key={kind} value={kind}>
            {shown}
          </option>
        ))}
      </HTMLSelect>
      <FieldProblem id={place.noteId} message={place.message} />
    </div>
  );
}
