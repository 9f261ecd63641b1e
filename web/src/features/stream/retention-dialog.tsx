import { HTMLSelect, InputGroup } from "@blueprintjs/core";
import { useState } from "react";
import { ConfirmDialog } from "@/components/confirm-dialog";
import { Field } from "@/components/field";
import { FormDialog } from "@/components/form-dialog";
import { useNotify } from "@/components/notices";
import { isNamed } from "@/lib/errors";
import styles from "./details.module.css";
import {
  type Draft,
  draftOf,
  FIELDS,
  type FieldErrors,
  fieldErrors,
  type Policy,
  policyOf,
  type Retention,
  type RetentionPreview,
} from "./retention";
import { RetentionPreviewView } from "./retention-preview";
import { usePreviewRetention, usePutRetention } from "./use-retention";
import type { StreamName } from "./wire";

interface RetentionDialogProps {
  stream: StreamName;
  /** The stream's name, for people. */
  name: string;
  retention: Retention;
  onClose: () => void;
}

/** Changes how long records are kept, after it has said what would go. */
export function RetentionDialog({ stream, name, retention, onClose }: RetentionDialogProps) {
  const [draft, setDraft] = useState<Draft>(() => draftOf(retention));
  const [ownErrors, setOwnErrors] = useState<FieldErrors>({});
  const preview = usePreviewRetention(stream);
  const [asked, setAsked] = useState<{ policy: Policy; preview: RetentionPreview }>();
  const failure = preview.error;
  const ofField = isNamed(failure, "InvalidRetention")
    ? fieldErrors(failure.parameters)
    : undefined;
  const errors = ofField ?? ownErrors;

  const change = (field: keyof Draft, part: Partial<Draft[keyof Draft]>) => {
    setDraft({ ...draft, [field]: { ...draft[field], ...part } });
    setOwnErrors({});
    preview.reset();
  };
  const ask = () => {
    const read = policyOf(draft);
    if ("errors" in read) {
      setOwnErrors(read.errors);
      return;
    }
    const { policy } = read;
    preview.mutate(policy, { onSuccess: (found) => setAsked({ policy, preview: found }) });
  };

  if (asked !== undefined) {
    return (
      <SaveDialog
        {...asked}
        isArchived={retention.isArchived}
        name={name}
        onBack={() => setAsked(undefined)}
        onDone={onClose}
        stream={stream}
      />
    );
  }
  return (
    <FormDialog
      error={ofField === undefined ? failure : undefined}
      isOpen
      isPending={preview.isPending}
      onClose={onClose}
      onSubmit={ask}
      submitLabel="See what would go"
      title={`How long is ${name} kept?`}
    >
      {FIELDS.map(({ name: field, label, help, units }) => (
        <Field error={errors[field]} help={help} key={field} label={label}>
          {({ intent, ...input }) => (
            <span className={styles.amount}>
              <InputGroup
                {...input}
                {...(intent !== undefined && { intent })}
                autoComplete="off"
                inputMode="decimal"
                onValueChange={(text) => change(field, { text })}
                value={draft[field].text}
              />
              <HTMLSelect
                aria-label={`${label}, unit`}
                onChange={(event) => change(field, { unit: event.target.value })}
                options={units.map((unit) => unit.label)}
                value={draft[field].unit}
              />
            </span>
          )}
        </Field>
      ))}
    </FormDialog>
  );
}

interface SaveDialogProps extends Pick<RetentionDialogProps, "stream" | "name"> {
  policy: Policy;
  preview: RetentionPreview;
  isArchived: boolean;
  onBack: () => void;
  onDone: () => void;
}

function SaveDialog({ stream, name, policy, preview, ...props }: SaveDialogProps) {
  const put = usePutRetention(stream);
  const notify = useNotify();
  const isDeleting = preview.deleted.records > 0;
  const done = () => {
    props.onDone();
    notify({ message: `The retention of ${name} is set.`, intent: "success" });
  };
  return (
    <ConfirmDialog
      confirmLabel="Save"
      error={put.error}
      intent={isDeleting ? "danger" : "primary"}
      isOpen
      isPending={put.isPending}
      onClose={props.onBack}
      onConfirm={() => put.mutate(policy, { onSuccess: done })}
      title={`Save the retention of ${name}?`}
      {...(isDeleting && { typed: name })}
    >
      <RetentionPreviewView isArchived={props.isArchived} policy={policy} preview={preview} />
    </ConfirmDialog>
  );
}
