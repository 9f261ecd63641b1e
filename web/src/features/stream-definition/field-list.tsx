import { Button, Checkbox } from "@blueprintjs/core";
import { PlusIcon } from "@blueprintjs/icons";
import { DecimalDetails } from "./decimal-details";
import type { FieldDraft } from "./draft";
import { FieldRow, titleOf } from "./field-row";
import { KindSelect } from "./kind-select";
import { useSchema } from "./schema-context";
import styles from "./schema-editor.module.css";

interface DetailsProps {
  field: FieldDraft;
  title: string;
}

interface FieldListProps {
  fields: readonly FieldDraft[];
  /** The list's name for screen readers. */
  label: string;
  /** Whether they are the fields of the record itself, not of a struct in it. */
  isTop?: boolean;
}

/** The fields of one level, each with all that it is made of. */
export function FieldList({ fields, label, isTop = false }: FieldListProps) {
  return (
    <ol aria-label={label} className={styles.fields}>
      {fields.map((field, index) => (
        <FieldRow count={fields.length} field={field} index={index} isTop={isTop} key={field.id}>
          <TypeDetails field={field} title={titleOf(field, index)} />
        </FieldRow>
      ))}
    </ol>
  );
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

function StructDetails({ field, title }: DetailsProps) {
  const { addInside } = useSchema();
  return (
    <div className={styles.inside}>
      <FieldList fields={field.parts} label={`Fields of ${title}`} />
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
