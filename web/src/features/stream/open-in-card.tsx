import { SegmentedControl } from "@blueprintjs/core";
import { useState } from "react";
import { Card } from "@/components/card";
import { CodeBlock } from "@/components/code-block";
import { Failed } from "@/components/failed";
import { Loading } from "@/components/loading";
import { formatBytes, plural } from "@/lib/format";
import styles from "./details.module.css";
import { type ArchivedTable, openInPrograms } from "./open-in";
import { useRetention } from "./use-retention";
import { useArchive } from "./use-stream";
import type { StreamName } from "./wire";

/** The stream's open table, and code that opens it in other programs. */
export function OpenInCard({ stream }: { stream: StreamName }) {
  const archive = useArchive(stream);
  const isArchived = useRetention(stream).data?.isArchived ?? true;
  return (
    <Card isPadded>
      <h2 className={styles.heading}>Open in DuckDB, PyIceberg or Spark</h2>
      {archive.isPending && <Loading what="the table" />}
      {archive.isError && <Failed error={archive.error} retry={archive.refetch} />}
      {archive.isSuccess &&
        (archive.data.table ? (
          <Programs table={archive.data.table} />
        ) : (
          <p className={styles.muted}>
            {isArchived
              ? "Nothing is archived yet. Some seconds after the first record there is an Apache Iceberg table, which other programs read without the server."
              : "The archive is off on this server, so there is no table that other programs could read."}
          </p>
        ))}
    </Card>
  );
}

function Programs({ table }: { table: ArchivedTable }) {
  const programs = openInPrograms(table);
  const [chosen, setChosen] = useState("DuckDB");
  const shown = programs.find(({ program }) => program === chosen);
  return (
    <div className={styles.openIn}>
      <p className={styles.muted}>
        The table <code>{table.table}</code> has {plural(table.rowsCount, "row")} in{" "}
        {plural(table.filesCount, "file")}, {formatBytes(table.storedBytes)}. Its newest metadata
        are in <code>{table.metadataLocation}</code>.
      </p>
      <SegmentedControl
        aria-label="Program"
        onValueChange={setChosen}
        options={programs.map(({ program }) => ({ label: program, value: program }))}
        role="radiogroup"
        size="small"
        value={chosen}
      />
      {shown !== undefined && (
        <CodeBlock code={shown.code} title={shown.program}>
          <p className={styles.needs}>
            {shown.needs} It runs where the table's files can be read
            {table.metadataLocation.includes("://") ? "." : ": on the server's machine."}
          </p>
        </CodeBlock>
      )}
    </div>
  );
}
