import { useNavigate } from "@tanstack/react-router";
import { type ReactNode, useCallback, useMemo, useState } from "react";
import { Card } from "@/components/card";
import { PageHeader } from "@/components/page";
import { isNamed, messageOf } from "@/lib/errors";
import { connectPath } from "@/lib/paths";
import { ChangeDataCapture } from "./change-data-capture";
import { emptyStream, type FieldDraft, type StreamDraft } from "./draft";
import { Location, Way } from "./location";
import styles from "./new-stream.module.css";
import { ProblemBar } from "./problem-bar";
import { type DraftProblem, problemsOf } from "./problems";
import { SchemaEditor } from "./schema-editor";
import { StreamName } from "./stream-name";
import { StreamSettings } from "./stream-settings";
import { Throughput } from "./throughput";
import { useCreateStream } from "./use-new-stream";
import { goTo } from "./use-schema-actions";

/** The page that defines a stream, to lie in a folder. */
export function NewStream({ folderRid }: { folderRid: string | undefined }) {
  const [draft, setDraft] = useState<StreamDraft>(() => emptyStream(folderRid));
  const create = useCreateStream();
  const navigate = useNavigate();

  const problems = useMemo(() => problemsOf(draft), [draft]);
  const set = useCallback((values: Partial<StreamDraft>) => {
    setDraft((old) => ({ ...old, ...values }));
  }, []);
  const updateFields = useCallback(
    (change: (fields: readonly FieldDraft[]) => readonly FieldDraft[]) =>
      setDraft((old) => ({ ...old, fields: change(old.fields) })),
    [],
  );
  const submit = () =>
    create.mutate(draft, {
      onSuccess: (dataset) => void navigate({ to: connectPath(dataset.rid) }),
    });
  const isNameTaken = isNamed(create.error, "ResourceNameAlreadyExists");
  return (
    <>
      <PageHeader
        breadcrumbs={<Way folderRid={draft.folderRid} />}
        description="Say what its records look like and how many you expect."
        title="Define a stream"
      />
      <div className={styles.sections}>
        <Section title="Name and location">
          <StreamName
            onChange={(name) => {
              set({ name });
              if (isNameTaken) create.reset();
            }}
            problem={problems.find((problem) => problem.place === "name")?.message}
            refusal={isNameTaken ? messageOf(create.error) : undefined}
            value={draft.name}
          />
          <Location
            folderRid={draft.folderRid}
            isGiven={folderRid !== undefined}
            onChange={(rid) => set({ folderRid: rid })}
          />
        </Section>
        <Section
          help="The names and types of the fields. Records that do not fit are refused."
          title="Schema"
        >
          <SchemaEditor fields={draft.fields} problems={problems} update={updateFields} />
          <p className={styles.note}>
            <strong>Nullable</strong> fields may be left out of a record. Records with the same{" "}
            <strong>Key</strong> keep their order when there are several partitions.
          </p>
        </Section>
        <Section help="The data rate that you expect." title="Throughput">
          <Throughput
            onChange={(partitions) => set({ partitions })}
            partitions={draft.partitions}
          />
        </Section>
        <Section title="Change data capture">
          <ChangeDataCapture draft={draft} problems={problems} set={set} />
        </Section>
        <Section title="Stream settings">
          <StreamSettings draft={draft} set={set} />
        </Section>
      </div>
      <ProblemBar
        error={create.error}
        isPending={create.isPending}
        onCreate={submit}
        onGoTo={goToProblem}
        problems={problems}
      />
    </>
  );
}

function goToProblem({ place }: DraftProblem): void {
  // Problems of a schema as a whole are mended by adding to it.
  if (!goTo(place)) goTo("add-field");
}

function Section({ title, help, children }: { title: string; help?: string; children: ReactNode }) {
  return (
    <Card isPadded>
      <section aria-label={title}>
        <h2 className={styles.title}>{title}</h2>
        {help !== undefined && <p className={styles.help}>{help}</p>}
        <div className={styles.content}>{children}</div>
      </section>
    </Card>
  );
}
