import { Button } from "@blueprintjs/core";
import { CodeIcon, PlusIcon } from "@blueprintjs/icons";
import { useState } from "react";
import { draftsOf, type FieldDraft } from "./draft";
import { FieldList } from "./field-list";
import type { DraftProblem } from "./problems";
import { SampleDialog } from "./sample-dialog";
import { SchemaProvider } from "./schema-context";
import styles from "./schema-editor.module.css";
import { useSchemaActions } from "./use-schema-actions";

interface SchemaEditorProps {
  fields: readonly FieldDraft[];
  update: (change: (fields: readonly FieldDraft[]) => readonly FieldDraft[]) => void;
  problems: readonly DraftProblem[];
}

/** The fields of a record: by hand, or from a sample of JSON. */
export function SchemaEditor({ fields, update, problems }: SchemaEditorProps) {
  const [isSampling, setIsSampling] = useState(false);
  const { actions, add, said } = useSchemaActions(fields, update, problems);
  return (
    <SchemaProvider value={actions}>
      {fields.length === 0 ? (
        <p className={styles.empty}>
          No fields yet. Add them one by one, or paste a record and let its schema be guessed.
        </p>
      ) : (
        <FieldList fields={fields} isTop label="Fields" />
      )}
      <div className={styles.tools}>
        <Button data-place="add-field" icon={<PlusIcon />} onClick={add} text="Add field" />
        <Button
          icon={<CodeIcon />}
          onClick={() => setIsSampling(true)}
          text="Generate from JSON sample..."
        />
      </div>
      {fields.length > 0 && (
        <p className={styles.keys}>
          In a name, <kbd>Enter</kbd> adds the next field, <kbd>Alt</kbd>+<kbd>↑</kbd> and{" "}
          <kbd>Alt</kbd>+<kbd>↓</kbd> move it.
        </p>
      )}
      <span className="visually-hidden" role="status">
        {said}
      </span>
      <SampleDialog
        fieldCount={fields.length}
        isOpen={isSampling}
        onClose={() => setIsSampling(false)}
        onUse={(schema) => update(() => draftsOf(schema))}
      />
    </SchemaProvider>
  );
}
