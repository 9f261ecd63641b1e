import { InputGroup } from "@blueprintjs/core";
import { type FieldDraft, PRECISION_MAX } from "./draft";
import { FieldProblem } from "./field-problem";
import { usePlace, useSchema } from "./schema-context";
import styles from "./schema-editor.module.css";

/** How many digits a decimal has. */
export function DecimalDetails({ field }: { field: FieldDraft }) {
  return (
    <div className={styles.inside}>
      <div className={styles.digits}>
        <Digits field={field} label="Precision" of="precision" />
        <Digits field={field} label="Scale" of="scale" />
        <span className={styles.hint}>
          Up to {PRECISION_MAX} digits in all, of which the scale stand behind the point.
        </span>
      </div>
    </div>
  );
}

interface DigitsProps {
  field: FieldDraft;
  label: string;
  of: "precision" | "scale";
}

function Digits({ field, label, of }: DigitsProps) {
  const { change } = useSchema();
  const place = usePlace(`${field.id}:${of}`);
  return (
    <div>
      {/* biome-ignore lint/a11y/noLabelWithoutControl: Blueprint's group is around an input */}
      <label className={styles.labelled}>
        {label}
        <InputGroup
          {...place.input}
          className={styles.number}
          inputMode="numeric"
          intent={place.message === undefined ? "none" : "danger"}
          onValueChange={(text) => change(field.id, (old) => ({ ...old, [of]: text }))}
          size="small"
          value={field[of]}
        />
      </label>
      <FieldProblem id={place.noteId} message={place.message} />
    </div>
  );
}
