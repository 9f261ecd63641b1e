import { SegmentedControl } from "@blueprintjs/core";
import { useState } from "react";
import { Card } from "@/components/card";
import { Failed } from "@/components/failed";
import { Loading } from "@/components/loading";
import { Time } from "@/components/time";
import { formatBytes, formatNumber, plural } from "@/lib/format";
import { recordsBehind, useArchiveLag } from "./archive-lag";
import { MetricChart } from "./metric-chart";
import styles from "./metrics.module.css";
import { PartitionTable } from "./partition-table";
import {
  formatMs,
  formatRate,
  formatSeconds,
  latest,
  rates,
  rejections,
  timesOf,
  total,
  whole,
} from "./statistics";
import { useStatistics } from "./use-stream";
import type { Statistics, StreamName, Window } from "./wire";

const WINDOWS: { label: string; value: Window }[] = [
  { label: "5 min", value: "5m" },
  { label: "1 h", value: "1h" },
  { label: "24 h", value: "24h" },
];

/** How much comes in, how fast it is taken, and what is refused. */
export function Metrics({ stream }: { stream: StreamName }) {
  const [window, setWindow] = useState<Window>("5m");
  const statistics = useStatistics(stream, window);
  return (
    <>
      <div className={styles.head}>
        <SegmentedControl
          aria-label="Time"
          onValueChange={(value) => setWindow(value as Window)}
          options={WINDOWS}
          role="radiogroup"
          size="small"
          value={window}
        />
        {statistics.data?.countedSince && (
          <span className={styles.since}>
            Counted since the server started or the stream was reset,{" "}
            <Time value={statistics.data.countedSince} />
          </span>
        )}
      </div>
      {statistics.isPending && <Loading what="the metrics" />}
      {statistics.isError && <Failed error={statistics.error} retry={statistics.refetch} />}
      {statistics.isSuccess && (
        <Numbers statistics={statistics.data} updatedAtMs={statistics.dataUpdatedAt} />
      )}
    </>
  );
}

function Numbers({ statistics, updatedAtMs }: { statistics: Statistics; updatedAtMs: number }) {
  const { series, bucketSeconds, archiveBehindSeconds: behind, partitions } = statistics;
  const lag = useArchiveLag(statistics, updatedAtMs);
  const times = timesOf(statistics);
  const records = rates(series.records, bucketSeconds);
  const bytes = rates(series.bytes, bucketSeconds);
  const rejected = rejections(series.rejected);
  const rejectedCount = rejected.reduce((sum, { count }) => sum + count, 0);
  const bytesPerSecond = (value: number) => `${formatBytes(value)}/s`;
  return (
    <div className={styles.sections}>
      <dl className={styles.tiles}>
        <Tile name="Records" value={formatNumber(total(series.records))}>
          {formatRate(latest(records))} now
        </Tile>
        <Tile name="Bytes" value={formatBytes(total(series.bytes))}>
          {bytesPerSecond(latest(bytes) ?? 0)} now
        </Tile>
        <Tile isBad={rejectedCount > 0} name="Rejected" value={formatNumber(rejectedCount)}>
          {rejected[0] === undefined ? "nothing was refused" : `most: ${rejected[0].label}`}
        </Tile>
        <Tile name="Latency p99" value={formatMs(latest(whole(series.latencyP99Ms)))}>
          p50 {formatMs(latest(whole(series.latencyP50Ms)))}
        </Tile>
        <Tile name="Archive" value={behind == null ? "Off" : `${formatSeconds(behind)} behind`}>
          {behind == null
            ? "records stay in the log"
            : `${plural(recordsBehind(partitions), "record")} not in the table yet`}
        </Tile>
      </dl>
      <div className={styles.charts}>
        <MetricChart
          format={formatRate}
          lines={[{ label: "Records per second", values: records }]}
          times={times}
          title="Records per second"
        />
        <MetricChart
          format={bytesPerSecond}
          lines={[{ label: "Bytes per second", values: bytes }]}
          times={times}
          title="Bytes per second"
        />
        <MetricChart
          format={formatMs}
          lines={[
            { label: "p50", values: whole(series.latencyP50Ms) },
            { label: "p99", values: whole(series.latencyP99Ms) },
          ]}
          times={times}
          title="Latency until durable"
        />
        <MetricChart
          isCount
          empty="Nothing was rejected in this time."
          format={formatNumber}
          lines={rejected.map(({ label, counts }) => ({ label, values: whole(counts) }))}
          times={times}
          title="Rejected records by reason"
        />
        {behind != null && (
          <>
            <MetricChart
              format={formatNumber}
              lines={[{ label: "Records not in the table yet", values: lag.records }]}
              times={lag.times}
              title="Records not in the table yet, since this page is open"
            />
            <MetricChart
              format={formatSeconds}
              lines={[{ label: "Seconds behind", values: lag.seconds }]}
              times={lag.times}
              title="How long the oldest of them waits"
            />
          </>
        )}
      </div>
      <Card>
        <PartitionTable isArchived={behind != null} partitions={partitions} />
      </Card>
    </div>
  );
}

interface TileProps {
  name: string;
  value: string;
  isBad?: boolean;
  children: React.ReactNode;
}

function Tile({ name, value, isBad = false, children }: TileProps) {
  return (
    <div className={styles.tile}>
      <dt>{name}</dt>
      <dd className={isBad ? styles.bad : undefined}>{value}</dd>
      <dd className={styles.more}>{children}</dd>
    </div>
  );
}
