import { useEffect, useRef, useState } from "react";
import type { Statistics } from "./wire";

/** So many moments are remembered while the page is open. */
const MOMENTS_MAX = 600;

/** How far the stream's table was behind its log at one moment. */
interface Moment {
  /** Seconds since 1970. */
  time: number;
  records: number;
  seconds: number;
}

/** How far the table has been behind since the page was opened. */
export interface ArchiveLag {
  times: readonly number[];
  records: readonly number[];
  seconds: readonly number[];
}

/** Records that are in the log and not yet in the table. */
export function recordsBehind(partitions: Statistics["partitions"]): number {
  return partitions.reduce(
    (sum, { endOffset, archivedThrough }) => sum + Math.max(0, endOffset - archivedThrough),
    0,
  );
}

/** Collect how far the table is behind, each time that statistics arrive. */
export function useArchiveLag(statistics: Statistics, updatedAtMs: number): ArchiveLag {
  const moments = useRef<Moment[]>([]);
  const [lag, setLag] = useState<ArchiveLag>(() => ({ times: [], records: [], seconds: [] }));
  const { partitions, archiveBehindSeconds } = statistics;

  useEffect(() => {
    if (archiveBehindSeconds === null || archiveBehindSeconds === undefined) return;
    const time = updatedAtMs / 1000;
    if (moments.current.at(-1)?.time === time) return;
    const moment = { time, records: recordsBehind(partitions), seconds: archiveBehindSeconds };
    moments.current = [...moments.current, moment].slice(-MOMENTS_MAX);
    setLag({
      times: moments.current.map((one) => one.time),
      records: moments.current.map((one) => one.records),
      seconds: moments.current.map((one) => one.seconds),
    });
  }, [updatedAtMs]);
  return lag;
}
