import { writeJson } from "./exact-json";
import type { LiveRecords } from "./wire";

/** Most records that are held to be filtered. */
export const ROWS_HELD_MAX = 2_000;
/** Most records that are shown. */
export const ROWS_SHOWN_MAX = 500;

/** A record as the table shows it. */
export interface LiveRow {
  /** Unique within a view. */
  key: string;
  partition: number;
  offset: number;
  time: string;
  value: Record<string, unknown>;
}

/** What a person looks for. */
export interface RowFilter {
  text: string;
  key: string;
  keyFields: readonly string[];
}

/** The rows of one batch. */
export function rowsOf({ partition, records }: LiveRecords): LiveRow[] {
  return records.map(({ offset, time, value }) => ({
    key: `${partition}:${offset}`,
    partition,
    offset,
    time,
    value: value as Record<string, unknown>,
  }));
}

/** Put new rows among those that are held: the newest first, each once, bounded. */
export function mergeRows(held: readonly LiveRow[], news: readonly LiveRow[]): readonly LiveRow[] {
  if (news.length === 0) return held;
  const came = news.toSorted(newestFirst);
  const rows = isBehind(held, came) ? interleaved(held, came) : [...came, ...held];
  return rows.length > ROWS_HELD_MAX ? rows.slice(0, ROWS_HELD_MAX) : rows;
}

/** The rows that match, as many as are shown. */
export function matchingRows(rows: readonly LiveRow[], filter: RowFilter): readonly LiveRow[] {
  const text = filter.text.trim().toLowerCase();
  const key = filter.key.trim().toLowerCase();
  const isOpen = text === "" && key === "";
  const found = isOpen
    ? rows
    : rows.filter(
        ({ value }) =>
          writeJson(value).toLowerCase().includes(text) &&
          (key === "" || keyOf(value, filter.keyFields).toLowerCase().includes(key)),
      );
  return found.slice(0, ROWS_SHOWN_MAX);
}

/** Whether some of the new rows belong below the newest that is held. */
function isBehind(held: readonly LiveRow[], came: readonly LiveRow[]): boolean {
  const [newest, oldest] = [held[0], came.at(-1)];
  return newest !== undefined && oldest !== undefined && newestFirst(oldest, newest) >= 0;
}

function interleaved(held: readonly LiveRow[], came: readonly LiveRow[]): LiveRow[] {
  const known = new Set(held.map((row) => row.key));
  return [...came.filter((row) => !known.has(row.key)), ...held].sort(newestFirst);
}

function keyOf(value: Record<string, unknown>, fields: readonly string[]): string {
  return fields.map((field) => writeJson(value[field] ?? null)).join("\n");
}

function newestFirst(one: LiveRow, other: LiveRow): number {
  if (one.time !== other.time) return one.time < other.time ? 1 : -1;
  return one.partition - other.partition || other.offset - one.offset;
}
