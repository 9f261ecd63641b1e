import type { ReactNode } from "react";
import { Card } from "@/components/card";
import { CopyButton } from "@/components/copy-button";
import { Time } from "@/components/time";
import { plural } from "@/lib/format";
import { roleLabel } from "@/lib/roles";
import { DangerZone } from "./danger-zone";
import styles from "./details.module.css";
import { OpenInCard } from "./open-in-card";
import { ProofCard } from "./proof-card";
import { RetentionCard } from "./retention-card";
import { SchemaTable } from "./schema-table";
import type { StreamDescription, StreamName } from "./wire";

interface DetailsProps {
  stream: StreamName;
  description: StreamDescription;
  /** The button with which the schema is changed. */
  schemaChange: ReactNode;
}

/** What the stream is, and what cannot be taken back. */
export function Details({ stream, description, schemaChange }: DetailsProps) {
  return (
    <div className={styles.sections}>
      <Card isPadded>
        <h2 className={styles.heading}>About</h2>
        <About description={description} />
      </Card>
      <Card>
        <div className={styles.tableHeadingRow}>
          <h2 className={styles.tableHeading}>Schema</h2>
          {schemaChange}
        </div>
        <SchemaTable schema={description.schema} />
      </Card>
      <Card isPadded>
        <h2 className={styles.heading}>Settings</h2>
        <Settings description={description} />
      </Card>
      <RetentionCard description={description} stream={stream} />
      <ProofCard description={description} stream={stream} />
      <OpenInCard stream={stream} />
      <DangerZone description={description} stream={stream} />
    </div>
  );
}

function About({ description }: { description: StreamDescription }) {
  const { createdByName, createdTime, viewCreatedTime } = description;
  return (
    <dl className={styles.facts}>
      <Identifier name="RID" value={description.datasetRid} />
      <Identifier name="View RID" value={description.viewRid} />
      <Fact name="Location">{description.path}</Fact>
      <Fact name="Branch">{description.branchName}</Fact>
      <Fact name="Created">
        <Time value={createdTime} /> {createdByName && `by ${createdByName}`}
      </Fact>
      <Fact name="In this view since">
        <Time value={viewCreatedTime} />
      </Fact>
      <Fact name="Your role">{roleLabel(description.role)}</Fact>
    </dl>
  );
}

function Settings({ description }: { description: StreamDescription }) {
  const { schema, partitionsCount, streamType, compressed } = description;
  const capture = schema.changeDataCapture;
  return (
    <dl className={styles.facts}>
      <Fact name="Throughput">{plural(partitionsCount, "partition")}</Fact>
      <Fact name="Stream type">
        {streamType === "LOW_LATENCY" ? "Low latency" : "High throughput"}
      </Fact>
      <Fact name="Compression">{compressed ? "On" : "Off"}</Fact>
      <Fact name="Keys">
        {schema.keyFieldNames?.length
          ? schema.keyFieldNames.join(", ")
          : "None: records are spread over all partitions"}
      </Fact>
      <Fact name="Change data capture">
        {capture ? `Deletions by ${capture.deletionFieldName}` : "Off"}
      </Fact>
      {capture && <Fact name="Ordered by">{capture.orderingFieldName}</Fact>}
    </dl>
  );
}

function Identifier({ name, value }: { name: string; value: string }) {
  return (
    <Fact name={name}>
      <span className={styles.identifier}>
        <code>{value}</code>
        <CopyButton isIconOnly label={`Copy ${name}`} size="small" text={value} variant="minimal" />
      </span>
    </Fact>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
