import { Card } from "@/components/card";
import { Chart, type ChartLine } from "@/components/chart";
import { formatTime } from "@/lib/format";
import styles from "./metrics.module.css";

interface MetricChartProps {
  title: string;
  times: readonly number[];
  lines: readonly ChartLine[];
  format: (value: number) => string;
  /** Whether the values are counts, of which the sum says most. */
  isCount?: boolean;
  /** Said where there are no lines. */
  empty?: string;
}

/** A chart, and in words what it shows. */
export function MetricChart({ title, times, lines, format, ...props }: MetricChartProps) {
  if (lines.length === 0) {
    return (
      <Card isPadded>
        <h2 className={styles.chartTitle}>{title}</h2>
        <p className={styles.words}>{props.empty}</p>
      </Card>
    );
  }
  return (
    <Card isPadded>
      <Chart format={format} lines={lines} title={title} xs={times} />
      <ul className={styles.words}>
        {lines.map((line) => (
          <li key={line.label}>
            {lines.length > 1 && `${line.label}: `}
            {inWords(line, times, format, props.isCount ?? false)}
          </li>
        ))}
      </ul>
    </Card>
  );
}

function inWords(
  { values }: ChartLine,
  times: readonly number[],
  format: (value: number) => string,
  isCount: boolean,
): string {
  let most = -1;
  let sum = 0;
  let count = 0;
  for (const [index, value] of values.entries()) {
    if (value === null) continue;
    if (most < 0 || value > (values[most] ?? 0)) most = index;
    sum += value;
    count += 1;
  }
  const highest = values[most];
  if (highest === null || highest === undefined) return "nothing was measured";
  const average = isCount ? `${format(sum)} in all` : `${format(sum / count)} on average`;
  return highest === 0 ? average : `${average}, at most ${format(highest)} at ${at(times[most])}`;
}

function at(seconds = 0): string {
  return formatTime(seconds * 1000).replace(/^.*, /, "");
}
