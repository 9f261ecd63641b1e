import { InputGroup } from "@blueprintjs/core";
import { useCallback, useEffect, useMemo, useState } from "react";
import { Field } from "@/components/field";
import type { StreamSchema } from "@/lib/streams";
import { emptyField, type FieldDraft } from "./draft";
import { TypeDetails } from "./field-list";
import { titleOf } from "./field-row";
import { KindSelect } from "./kind-select";
import type { DraftProblem } from "./problems";
import { SchemaProvider } from "./schema-context";
import { addingProblemsOf, withField } from "./schema-growth";
import { useSchemaActions } from "./use-schema-actions";

interface AddedFieldProps {
  schema: StreamSchema;
  /** Told of the schema that is wanted; `undefined` while the field is not complete. */
  onChoose: (to: StreamSchema | undefined) => void;
}

/** One more field of a schema, of whatever type. */
export function AddedField({ schema, onChoose }: AddedFieldProps) {
  const [fields, setFields] = useState<readonly FieldDraft[]>(() => [emptyField()]);
  const [added = emptyField()] = fields;
  const problems = useMemo(() => addingProblemsOf(schema, added), [schema, added]);
  const update = useCallback(
    (change: (fields: readonly FieldDraft[]) => readonly FieldDraft[]) => setFields(change),
    [],
  );
  const { actions, said } = useSchemaActions(fields, update, problems);

  useEffect(() => {
    onChoose(problems.length === 0 ? withField(schema, added) : undefined);
  }, [added]);

  return (
    <SchemaProvider value={actions}>
      <Field error={nameFault(added, problems)} label="Name">
        {(input) => (
          <InputGroup
            {...input}
            autoComplete="off"
            onValueChange={(name) => actions.change(added.id, (old) => ({ ...old, name }))}
            spellCheck={false}
            value={added.name}
          />
        )}
      </Field>
      <Field label="Type">{({ id }) => <KindSelect field={added} id={id} label="Type" />}</Field>
      <TypeDetails field={added} title={titleOf(added, 0)} />
      <span className="visually-hidden" role="status">
        {said}
      </span>
    </SchemaProvider>
  );
}

/** Nothing is said of a name before there is one. */
function nameFault({ id, name }: FieldDraft, problems: readonly DraftProblem[]) {
  if (name === "") return undefined;
  return problems.find(({ place }) => place === `${id}:name`)?.message;
}
