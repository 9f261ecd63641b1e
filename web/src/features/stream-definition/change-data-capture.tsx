import { HTMLSelect, Switch } from "@blueprintjs/core";
import { Field } from "@/components/field";
import type { FieldDraft, StreamDraft } from "./draft";
import styles from "./new-stream.module.css";
import type { DraftProblem } from "./problems";
import { mayOrder } from "./types";

interface ChangeDataCaptureProps {
  draft: StreamDraft;
  set: (values: Partial<StreamDraft>) => void;
  problems: readonly DraftProblem[];
}

/** For streams whose records are the states of the rows of a table. */
export function ChangeDataCapture({ draft, set, problems }: ChangeDataCaptureProps) {
  const keys = draft.fields.filter((field) => field.isKey && field.name !== "");
  const problemOf = (place: string) => problems.find((one) => one.place === place)?.message;
  return (
    <div className={styles.stack}>
      <Switch
        checked={draft.isCaptured}
        label="Records carry the changes of a table"
        onChange={(event) => set({ isCaptured: event.target.checked })}
        role="switch"
      />
      <p className={styles.help}>
        Each record is then the whole new state of a row. The stream keeps every record; readers
        that apply it show the newest state of each row, without those that were deleted.
      </p>
      {draft.isCaptured && (
        <div className={styles.capture}>
          <div>
            <div className={styles.label}>Primary key</div>
            {keys.length === 0 ? (
              <span className={styles.problem}>{problemOf("capture")}</span>
            ) : (
              <code>{keys.map((field) => field.name).join(", ")}</code>
            )}
          </div>
          <FieldChoice
            fields={draft.fields.filter((field) => mayOrder(field.kind))}
            help="Its highest value is the newest state."
            label="Ordering field"
            onChange={(orderingId) => set({ orderingId })}
            place="ordering"
            problem={problemOf("ordering")}
            value={draft.orderingId}
          />
          <FieldChoice
            fields={draft.fields.filter((field) => field.kind === "boolean")}
            help="A boolean: true says that the row is gone."
            label="Deletion field"
            onChange={(deletionId) => set({ deletionId })}
            place="deletion"
            problem={problemOf("deletion")}
            value={draft.deletionId}
          />
        </div>
      )}
    </div>
  );
}

interface FieldChoiceProps {
  label: string;
  help: string;
  place: string;
  problem: string | undefined;
  fields: readonly FieldDraft[];
  value: string;
  onChange: (id: string) => void;
}

function FieldChoice(props: FieldChoiceProps) {
  const { fields, value } = props;
  // A field whose type was changed since is no longer among the choices.
  const isOffered = fields.some((field) => field.id === value);
  return (
    <Field error={props.problem} help={props.help} label={props.label}>
      {({ intent: _, ...input }) => (
        <HTMLSelect
          {...input}
          data-place={props.place}
          fill
          onChange={(event) => props.onChange(event.target.value)}
          value={isOffered ? value : ""}
        >
          <option value="">Choose a field</option>
          {fields.map((field) => (
            <option key={field.id} value={field.id}>
              {field.name || "(without a name)"}
            </option>
          ))}
        </HTMLSelect>
      )}
    </Field>
  );
}
