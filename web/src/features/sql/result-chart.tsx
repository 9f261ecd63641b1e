import { HTMLSelect, SegmentedControl } from "@blueprintjs/core";
import { TimelineLineChartIcon } from "@blueprintjs/icons";
import { useId, useMemo, useState } from "react";
import { Chart } from "@/components/chart";
import { Empty } from "@/components/empty";
import { formatNumber } from "@/lib/format";
import { isNumberColumn, type SqlResult } from "@/lib/sql";
import { chartData, firstChoice, NAMES_MAX } from "./chart-data";
import styles from "./sql.module.css";

const HEIGHT = 320;

/** The result as a chart of two of its columns. */
export function ResultChart({ result }: { result: SqlResult }) {
  const { columns, rows } = result;
  const [choice, setChoice] = useState(() => firstChoice(columns));
  const [shape, setShape] = useState<"line" | "bars">(() =>
    typeof chartData(result, choice.x, choice.y).axis === "string" ? "line" : "bars",
  );
  const { x, y } = choice;
  const data = useMemo(() => chartData(result, x, y), [result, x, y]);
  const lines = useMemo(
    () => [{ label: columns[y]?.name ?? "", values: data.values }],
    [columns, y, data],
  );

  if (y < 0) {
    return (
      <Empty icon={<TimelineLineChartIcon size={20} />} title="Nothing to draw">
        A chart needs a column of numbers.
      </Empty>
    );
  }
  const isCut = typeof data.axis !== "string" && rows.length > NAMES_MAX;
  return (
    <div className={styles.chart}>
      <div className={styles.chartTools}>
        <ColumnSelect
          label="X axis"
          onChange={(at) => setChoice({ x: at, y })}
          options={columns.map(({ name }, at) => ({ label: name, value: at }))}
          value={x}
        />
        <ColumnSelect
          label="Y axis"
          onChange={(at) => setChoice({ x, y: at })}
          options={columns.flatMap((column, at) =>
            isNumberColumn(column) ? [{ label: column.name, value: at }] : [],
          )}
          value={y}
        />
        <SegmentedControl
          aria-label="Draw as"
          onValueChange={(value) => setShape(value as "line" | "bars")}
          options={[
            { label: "Line", value: "line" },
            { label: "Bars", value: "bars" },
          ]}
          role="radiogroup"
          size="small"
          value={shape}
        />
      </div>
      <Chart
        axis={data.axis}
        format={formatNumber}
        height={HEIGHT}
        lines={lines}
        shape={shape}
        title={`${columns[y]?.name} by ${columns[x]?.name}`}
        xLabel={columns[x]?.name ?? ""}
        xs={data.xs}
      />
      {isCut && <p className={styles.note}>The first {formatNumber(NAMES_MAX)} rows are drawn.</p>}
    </div>
  );
}

interface ColumnSelectProps {
  label: string;
  value: number;
  options: { label: string; value: number }[];
  onChange: (at: number) => void;
}

function ColumnSelect({ label, value, options, onChange }: ColumnSelectProps) {
  const id = useId();
  return (
    <div className={styles.choice}>
      <label htmlFor={id}>{label}</label>
      <HTMLSelect
        id={id}
        onChange={(event) => onChange(Number(event.target.value))}
        options={options}
        value={value}
      />
    </div>
  );
}
