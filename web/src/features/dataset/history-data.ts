import type { Transaction } from "./use-dataset";

const BUCKETS = 40;
/** A single commit is seen as what it is: one moment of some. */
const BUCKETS_MIN = 10;
const STEPS_SECONDS = [1, 5, 10, 30, 60, 300, 900, 3_600, 21_600, 86_400, 604_800, 2_592_000];

/** How many transactions were committed in each stretch of time. */
export interface Timeline {
  /** The beginning of each stretch, in seconds since 1970. */
  times: readonly number[];
  counts: readonly number[];
  /** How long each is. */
  stepSeconds: number;
}

/** Count transactions over the time that they span, in stretches of a length that people use. */
export function timelineOf(transactions: readonly Transaction[]): Timeline | undefined {
  const at = transactions
    .filter(({ status }) => status === "COMMITTED")
    .map(({ createdTime, closedTime }) => Date.parse(closedTime ?? createdTime) / 1000);
  if (at.length === 0) return undefined;
  const first = at.reduce((least, time) => Math.min(least, time));
  const last = at.reduce((most, time) => Math.max(most, time));
  const wanted = (last - first) / BUCKETS;
  const most = STEPS_SECONDS.at(-1) ?? 1;
  const step = STEPS_SECONDS.find((one) => one >= wanted) ?? Math.ceil(wanted / most) * most;
  const end = Math.floor(last / step) * step;
  const start = Math.min(Math.floor(first / step) * step, end - (BUCKETS_MIN - 1) * step);
  const counts = new Array<number>(Math.round((end - start) / step) + 1).fill(0);
  for (const time of at) {
    const bucket = Math.floor((time - start) / step);
    counts[bucket] = (counts[bucket] ?? 0) + 1;
  }
  return { times: counts.map((_, index) => start + index * step), counts, stepSeconds: step };
}

/** "10 seconds", "an hour". */
export function stepText(seconds: number): string {
  const units = [
    [86_400, "day"],
    [3_600, "hour"],
    [60, "minute"],
    [1, "second"],
  ] as const;
  const [length, name] = units.find(([unit]) => seconds % unit === 0) ?? [1, "second"];
  const count = seconds / length;
  if (count > 1) return `${count} ${name}s`;
  return name === "hour" ? "an hour" : `a ${name}`;
}

/** How long a transaction was open, in seconds; nothing while it is. */
export function secondsOpen({ createdTime, closedTime }: Transaction): number | undefined {
  if (closedTime === null || closedTime === undefined) return undefined;
  return (Date.parse(closedTime) - Date.parse(createdTime)) / 1000;
}
