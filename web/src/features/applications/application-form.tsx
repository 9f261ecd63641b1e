import { Button } from "@blueprintjs/core";
import { type FormEvent, type ReactNode, useId, useState } from "react";
import { Card } from "@/components/card";
import { useNotify } from "@/components/notices";
import { Problem } from "@/components/problem";
import styles from "./applications.module.css";
import { bodyOf, type Draft, draftOf, problemOf } from "./draft";
import { GrantFields } from "./grant-fields";
import { NameFields } from "./name-fields";
import { OperationFields } from "./operation-fields";
import { type Application, useSaveApplication } from "./use-applications";

interface ApplicationFormProps {
  application: Application;
  /** Draws the page's heading around the button "Save". */
  header: (save: ReactNode) => ReactNode;
  /** Stands between the heading and the fields. */
  children: ReactNode;
}

/** What can be changed of an application, kept by one button. */
export function ApplicationForm({ application, header, children }: ApplicationFormProps) {
  const [draft, setDraft] = useState<Draft>(() => draftOf(application));
  const save = useSaveApplication(application.clientId);
  const notify = useNotify();
  const form = useId();

  const problem = problemOf(draft);
  const isChanged = JSON.stringify(draft) !== JSON.stringify(draftOf(application));
  const change = (part: Partial<Draft>) => setDraft((before) => ({ ...before, ...part }));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (problem !== undefined || save.isPending) return;
    save.mutate(bodyOf(application, draft), {
      onSuccess: (saved) => {
        setDraft(draftOf(saved));
        notify({ message: `${saved.displayName} is saved.`, intent: "success" });
      },
    });
  };
  const button = (
    <>
      {isChanged && <span className={styles.unsaved}>{problem ?? "Not saved yet"}</span>}
      <Button
        disabled={problem !== undefined}
        form={form}
        intent="primary"
        loading={save.isPending}
        text="Save"
        type="submit"
      />
    </>
  );
  return (
    <>
      {header(button)}
      <form className={styles.sections} id={form} onSubmit={submit}>
        <Problem error={save.error} />
        {children}
        <Card isPadded>
          <GrantFields draft={draft} onChange={change} />
        </Card>
        <Card isPadded>
          <OperationFields draft={draft} onChange={change} />
        </Card>
        <Card isPadded>
          <NameFields draft={draft} onChange={change} />
        </Card>
      </form>
    </>
  );
}
