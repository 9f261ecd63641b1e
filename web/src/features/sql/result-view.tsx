import { AnchorButton, SegmentedControl } from "@blueprintjs/core";
import { DownloadIcon, ThIcon } from "@blueprintjs/icons";
import { useState } from "react";
import { Card } from "@/components/card";
import { DataTable } from "@/components/data-table";
import { Empty } from "@/components/empty";
import { formatBytes, formatNumber, plural } from "@/lib/format";
import { downloadPath, type SqlResult } from "@/lib/sql";
import { ResultChart } from "./result-chart";
import styles from "./sql.module.css";

/** What a query gave: as a table, as a chart, and as files. */
export function ResultView({ result }: { result: SqlResult }) {
  const [view, setView] = useState("table");
  const { rows, columns, rowsCount, resultBytes, seconds, queryId } = result;
  return (
    <Card>
      <section aria-label="Result">
        <div className={styles.resultHead}>
          <SegmentedControl
            aria-label="Show as"
            onValueChange={setView}
            options={[
              { label: "Table", value: "table" },
              { label: "Chart", value: "chart" },
            ]}
            role="radiogroup"
            size="small"
            value={view}
          />
          <p className={styles.numbers} role="status">
            {plural(rowsCount, "row")} in {seconds.toFixed(1)} s, {formatBytes(resultBytes)}
          </p>
          <span className={styles.space} />
          {(["csv", "parquet"] as const).map((format) => (
            <AnchorButton
              download={`result.${format}`}
              href={downloadPath(queryId, format)}
              icon={<DownloadIcon />}
              key={format}
              role="link"
              size="small"
              text={format === "csv" ? "CSV" : "Parquet"}
              title={`Download all rows as ${format === "csv" ? "CSV" : "Parquet"}`}
              variant="minimal"
            />
          ))}
        </div>
        {rows.length === 0 && <Empty icon={<ThIcon size={20} />} title="No rows" />}
        {rows.length > 0 && view === "table" && (
          <DataTable columns={columns} label="Rows" rows={rows} />
        )}
        {rows.length > 0 && view === "chart" && <ResultChart result={result} />}
        {rows.length < rowsCount && (
          <p className={styles.note}>
            The first {formatNumber(rows.length)} rows are shown. A download has all of them.
          </p>
        )}
      </section>
    </Card>
  );
}
