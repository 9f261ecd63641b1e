import { isNumberColumn, isTimeColumn, type SqlColumn, type SqlResult, valueText } from "@/lib/sql";

/** So many names can be told apart at an axis. */
export const NAMES_MAX = 500;

/** What a chart of a result draws. */
export interface ChartData {
  axis: "time" | "number" | readonly string[];
  xs: readonly number[];
  values: readonly (number | null)[];
}

/** The columns that a chart begins with: the first time or text over the first other number. */
export function firstChoice(columns: readonly SqlColumn[]): { x: number; y: number } {
  const time = columns.findIndex(isTimeColumn);
  const text = columns.findIndex((column) => !isNumberColumn(column) && !isTimeColumn(column));
  const x = time >= 0 ? time : Math.max(0, text);
  const y = columns.findIndex((column, at) => at !== x && isNumberColumn(column));
  return { x, y: y >= 0 ? y : columns.findIndex(isNumberColumn) };
}

/**
 * The values of column *y* over those of column *x*.
 *
 * Times and numbers stand in their order, each once: of several rows with one x the last counts.
 * Whatever else is taken as names, in the order of the rows.
 */
export function chartData({ columns, rows }: SqlResult, x: number, y: number): ChartData {
  const column = columns[x];
  const kind = column && isTimeColumn(column) ? "time" : "number";
  if (column === undefined || !(isTimeColumn(column) || isNumberColumn(column))) {
    const shown = rows.slice(0, NAMES_MAX);
    return {
      axis: shown.map((row) => nameOf(row[x])),
      xs: shown.map((_, at) => at),
      values: shown.map((row) => numberOf(row[y])),
    };
  }
  const points = new Map<number, number | null>();
  for (const row of rows) {
    const at = kind === "time" ? secondsOf(row[x]) : numberOf(row[x]);
    if (at !== null) points.set(at, numberOf(row[y]));
  }
  const sorted = [...points].sort(([one], [other]) => one - other);
  return { axis: kind, xs: sorted.map(([at]) => at), values: sorted.map(([, value]) => value) };
}

function nameOf(value: unknown): string {
  return value === null || value === undefined ? "null" : valueText(value);
}

/** A picture has few digits: what a number of JavaScript rounds does not matter here. */
function numberOf(value: unknown): number | null {
  if (value === null || value === undefined) return null;
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
}

function secondsOf(value: unknown): number | null {
  if (typeof value !== "string") return null;
  // A time without a zone is UTC, as in the tables.
  const text = /T.*(Z|[+-]\d\d:\d\d)$/.test(value) || !value.includes("T") ? value : `${value}Z`;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? null : ms / 1000;
}
