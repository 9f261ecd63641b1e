import { formatNumber } from "@/lib/format";
import type { Statistics } from "./wire";

const REASONS: Readonly<Record<string, string>> = {
  schema: "does not fit the schema",
  body: "no valid JSON",
  tooLarge: "too large",
  tooMany: "too many at once",
  permission: "no permission",
  view: "unknown view",
  trashed: "stream in the trash",
  overload: "server overloaded",
  unavailable: "storage unavailable",
  other: "other",
};

type Values = readonly (number | null)[];

/** What was refused for one reason. */
export interface Rejection {
  label: string;
  counts: number[];
  count: number;
}

/** When each bucket begins, in seconds since 1970, without the one that is still filling. */
export function timesOf({ start, bucketSeconds, series }: Statistics): number[] {
  const first = new Date(start).getTime() / 1000;
  return whole(series.records).map((_, index) => first + index * bucketSeconds);
}

/** Counts as rates per second. */
export function rates(counts: readonly number[], bucketSeconds: number): number[] {
  return whole(counts).map((count) => count / bucketSeconds);
}

/** The buckets that are full: the last one is still filling, and would look like a fall. */
export function whole<T>(values: readonly T[]): T[] {
  return values.slice(0, -1);
}

/** The newest value that was measured. */
export function latest(values: Values): number | null {
  return values.findLast((value) => value !== null) ?? null;
}

/** The sum of all buckets. */
export function total(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

/** What was refused, the most frequent reason first. */
export function rejections(rejected: Statistics["series"]["rejected"]): Rejection[] {
  return Object.entries(rejected)
    .map(([reason, counts]) => ({
      label: REASONS[reason] ?? reason,
      counts,
      count: total(counts),
    }))
    .filter(({ count }) => count > 0)
    .sort((one, other) => other.count - one.count);
}

/** "12.5/s". */
export function formatRate(value: number | null): string {
  if (value === null) return "–";
  return `${value < 10 ? Number(value.toFixed(1)) : formatNumber(Math.round(value))}/s`;
}

/** "1.4 ms", "2.1 s". */
export function formatMs(value: number | null): string {
  if (value === null) return "–";
  if (value >= 1000) return `${(value / 1000).toFixed(1)} s`;
  return `${value < 10 ? Number(value.toFixed(1)) : Math.round(value)} ms`;
}

/** "0.4 s", "2.5 min". */
export function formatSeconds(value: number): string {
  if (value >= 120) return `${Number((value / 60).toFixed(1))} min`;
  return `${value < 10 ? Number(value.toFixed(1)) : Math.round(value)} s`;
}
