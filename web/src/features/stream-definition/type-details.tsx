import { Button, Checkbox, InputGroup } from "@blueprintjs/core";
import { PlusIcon } from "@blueprintjs/icons";
import { type FieldDraft, PRECISION_MAX } from "./draft";
import { FieldProblem } from "./field-problem";
import { FieldRow, KindSelect } from "./field-row";
import { usePlace, useSchema } from "./schema-context";
import styles from "./schema-editor.module.css";

interface DetailsProps {
  field: FieldDraft;
  title: string;
}

/** What a type needs to be told besides its name; nothing for most. */
export function TypeDetails({ field, title }: DetailsProps) {
  const [first, second] = field.parts;
  if (field.kind === "decimal") return <DecimalDetails field={field} />;
  if (field.kind === "struct") return <StructDetails field={field} title={title} />;
  if (field.kind === "array" && first !== undefined) {
    return (
      <div className={styles.inside}>
        <Part field={first} label="Item type" title={`items of ${title}`} />
      </div>
    );
  }
  if (field.kind === "map" && first !== undefined && second !== undefined) {
    return (
      <div className={styles.inside}>
        <Part field={first} isAlwaysThere label="Key type" title={`keys of ${title}`} />
        <Part field={second} label="Value type" title={`values of ${title}`} />
      </div>
    );
  }
  return null;
}

function DecimalDetails({ field }: { field: FieldDraft }) {
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

function StructDetails({ field, title }: DetailsProps) {
  const { addInside } = useSchema();
  return (
    <div className={styles.inside}>
      <ol aria-label={`Fields of ${title}`} className={styles.fields}>
        {field.parts.map((part, index) => (
          <FieldRow
            count={field.parts.length}
            field={part}
            index={index}
            isTop={false}
            key={part.id}
          />
        ))}
      </ol>
      <Button
        icon={<PlusIcon />}
        onClick={() => addInside(field.id)}
        size="small"
        text={`Add to ${title}`}
        variant="minimal"
      />
    </div>
  );
}

interface PartProps extends DetailsProps {
  label: string;
  isAlwaysThere?: boolean;
}

/** What an array or a map consists of. */
function Part({ field, title, label, isAlwaysThere = false }: PartProps) {
  const { change } = useSchema();
  return (
    <fieldset aria-label={title} className={styles.field}>
      <div className={`${styles.row} ${styles.part}`}>
        <div className={styles.partLabel}>{label}</div>
        <KindSelect field={field} label={label} />
        {!isAlwaysThere && (
          <div className={styles.checks}>
            <Checkbox
              checked={field.isNullable}
              label="Nullable"
              onChange={({ target }) =>
                change(field.id, (old) => ({ ...old, isNullable: target.checked }))
              }
            />
          </div>
        )}
      </div>
      <TypeDetails field={field} title={title} />
    </fieldset>
  );
}
