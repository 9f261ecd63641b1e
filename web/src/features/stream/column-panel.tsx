import { useMemo } from "react";
import { Chart } from "@/components/chart";
import { Fact, Facts } from "@/components/facts";
import { Failed } from "@/components/failed";
import { Loading } from "@/components/loading";
import { SidePanel } from "@/components/side-panel";
import { formatNumber } from "@/lib/format";
import { isTimeColumn, type SqlColumn } from "@/lib/sql";
import { type ColumnFacts, type Condition, columnFacts, columnQuery } from "./archive-query";
import styles from "./archive-view.module.css";
import { useArchiveRows } from "./use-archive-rows";
import type { StreamName } from "./wire";

interface ColumnPanelProps {
  stream: StreamName;
  table: string;
  column: SqlColumn;
  conditions: readonly Condition[];
  onClose: () => void;
}

/** What there is to say of a column's values, computed over all records that are like this. */
export function ColumnPanel({ stream, table, column, conditions, onClose }: ColumnPanelProps) {
  const found = useArchiveRows(stream, columnQuery(table, conditions, column));
  const row = found.isPlaceholderData ? undefined : found.data?.rows[0];
  const facts = useMemo(() => row && columnFacts(row), [row]);
  return (
    <SidePanel isOpen onClose={onClose} title={column.name} width={520}>
      {found.isError && <Failed error={found.error} retry={found.refetch} />}
      {facts === undefined && !found.isError && <Loading what="the statistics" />}
      {facts !== undefined && <Numbers column={column} facts={facts} />}
    </SidePanel>
  );
}

function Numbers({ column, facts }: { column: SqlColumn; facts: ColumnFacts }) {
  const { total, present, distinct, least, most, histogram, top } = facts;
  const lines = useMemo(() => [{ label: "Records", values: histogram?.counts ?? [] }], [histogram]);
  const nulls = total - present;
  return (
    <div className={styles.panel}>
      <Facts>
        <Fact name="Type">
          <code>{column.type}</code>
        </Fact>
        <Fact name="Records">{formatNumber(total)}</Fact>
        <Fact name="Null">
          {formatNumber(nulls)}
          {total > 0 && ` (${((nulls / total) * 100).toFixed(1)}%)`}
        </Fact>
        <Fact name="Different values">about {formatNumber(distinct)}</Fact>
        <Fact name="Least">{least ?? "–"}</Fact>
        <Fact name="Most">{most ?? "–"}</Fact>
      </Facts>
      {histogram !== undefined && (
        <Chart
          axis={isTimeColumn(column) ? "time" : "number"}
          format={formatNumber}
          lines={lines}
          shape="bars"
          title={`How ${column.name} is spread`}
          xLabel={column.name}
          xs={histogram.middles}
        />
      )}
      {top.length > 0 && <TopValues top={top} />}
    </div>
  );
}

function TopValues({ top }: Pick<ColumnFacts, "top">) {
  const most = Math.max(...top.map(({ n }) => n));
  return (
    <section aria-label="Most frequent values">
      <h3 className={styles.heading}>Most frequent values</h3>
      <ul className={styles.top}>
        {top.map(({ value, n }) => (
          <li key={value}>
            <span className={styles.value}>{value === "" ? "(empty)" : value}</span>
            <span className={styles.bar}>
              <span style={{ width: `${(n / most) * 100}%` }} />
            </span>
            <span className={styles.count}>{formatNumber(n)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
