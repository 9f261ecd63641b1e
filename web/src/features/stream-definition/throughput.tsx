import { useId } from "react";
import { plural } from "@/lib/format";
import styles from "./throughput.module.css";

const STOPS = [1, 2, 4, 8, 16, 32, 64] as const;
const MEGABYTES_PER_PARTITION = 5;

interface ThroughputProps {
  partitions: number;
  onChange: (partitions: number) => void;
}

/** The expected rate, which decides the number of partitions. */
export function Throughput({ partitions, onChange }: ThroughputProps) {
  const help = useId();
  const stop = Math.max(
    0,
    STOPS.findIndex((count) => partitions <= count),
  );
  const said = `${plural(partitions, "partition")}, up to ${partitions * MEGABYTES_PER_PARTITION} MB/s`;
  return (
    <div>
      <div className={styles.chosen}>
        <strong>{partitions === 1 ? "Normal" : `${partitions} × Normal`}</strong>
        <span>
          {plural(partitions, "partition")} = up to {partitions * MEGABYTES_PER_PARTITION} MB/s
        </span>
      </div>
      <input
        aria-describedby={help}
        aria-label="Throughput"
        aria-valuetext={partitions === 1 ? `Normal: ${said}` : said}
        className={styles.slider}
        max={STOPS.length - 1}
        min={0}
        onChange={(event) => onChange(STOPS[event.target.valueAsNumber] ?? 1)}
        step={1}
        type="range"
        value={stop}
      />
      <div aria-hidden="true" className={styles.stops}>
        {STOPS.map((count) => (
          <span className={count === partitions ? styles.current : ""} key={count}>
            {count}
          </span>
        ))}
      </div>
      <p className={styles.help} id={help}>
        Each partition takes about {MEGABYTES_PER_PARTITION} MB/s. Records with the same key stay in
        order whatever you choose. Only a reset, which empties the stream, changes it later.
      </p>
    </div>
  );
}
