import { HTMLSelect } from "@blueprintjs/core";
import { type FieldDraft, withKind } from "./draft";
import { FieldProblem } from "./field-problem";
import { usePlace, useSchema } from "./schema-context";
import styles from "./schema-editor.module.css";
import { KINDS, type Kind } from "./types";

interface KindSelectProps {
  field: FieldDraft;
  label: string;
  /** For a label of its own beside it. */
  id?: string;
}

/** The choice of a type. */
export function KindSelect({ field, label, id }: KindSelectProps) {
  const { change } = useSchema();
  const place = usePlace(`${field.id}:type`);
  return (
    <div className={styles.kind}>
      <HTMLSelect
        {...place.input}
        aria-label={label}
        fill
        id={id}
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
