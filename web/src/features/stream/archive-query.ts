import { isNumberColumn, isTimeColumn, quoteName, quoteText, type SqlColumn } from "@/lib/sql";

/** So many rows are shown; who wants others sorts or filters. */
export const ROWS_MAX = 500;
const BUCKETS = 24;
const TOP_VALUES = 10;

export const OPERATORS = [
  { id: "eq", label: "=", hasValue: true },
  { id: "ne", label: "≠", hasValue: true },
  { id: "lt", label: "<", hasValue: true },
  { id: "gt", label: ">", hasValue: true },
  { id: "contains", label: "contains", hasValue: true },
  { id: "null", label: "is null", hasValue: false },
  { id: "present", label: "is not null", hasValue: false },
] as const;
export type OperatorId = (typeof OPERATORS)[number]["id"];

/** What a row must be like. */
export interface Condition {
  column: string;
  operator: OperatorId;
  value: string;
}

export interface Sorting {
  name: string;
  isDescending: boolean;
}

/** The query of the rows that are shown. */
export function rowsQuery(
  table: string,
  conditions: readonly Condition[],
  sorting: Sorting | undefined,
): string {
  const order =
    sorting === undefined
      ? ""
      : ` ORDER BY ${quoteName(sorting.name)} ${sorting.isDescending ? "DESC" : "ASC"} NULLS LAST`;
  return `SELECT * FROM ${table}${whereOf(conditions)}${order} LIMIT ${ROWS_MAX}`;
}

/** The query of what is to be said of a column's values, in one row. */
export function columnQuery(
  table: string,
  conditions: readonly Condition[],
  column: SqlColumn,
): string {
  const measure = measureOf(column);
  const histogram =
    measure === undefined
      ? "SELECT NULL AS lo, NULL AS hi, NULL AS buckets"
      : `SELECT any_value(lo) AS lo, any_value(hi) AS hi, list({'bucket': bucket, 'n': n}) AS buckets FROM (
  SELECT any_value(lo) AS lo, any_value(hi) AS hi, count(*) AS n,
    coalesce(least(${BUCKETS - 1}, CAST(floor((v - lo) / nullif(hi - lo, 0) * ${BUCKETS}) AS INTEGER)), 0) AS bucket
  FROM (SELECT v, min(v) OVER () AS lo, max(v) OVER () AS hi
    FROM (SELECT ${measure} AS v FROM t WHERE c IS NOT NULL) WHERE isfinite(v))
  GROUP BY bucket)`;
  return `WITH t AS (SELECT ${quoteName(column.name)} AS c FROM ${table}${whereOf(conditions)}),
facts AS (SELECT count(*) AS total, count(c) AS present, approx_count_distinct(c) AS distinct_values,
  CAST(min(c) AS VARCHAR) AS least, CAST(max(c) AS VARCHAR) AS most FROM t),
histogram AS (${histogram}),
top AS (SELECT list({'value': value, 'n': n}) AS top FROM (SELECT CAST(c AS VARCHAR) AS value, count(*) AS n
  FROM t WHERE c IS NOT NULL GROUP BY 1 ORDER BY n DESC, value LIMIT ${TOP_VALUES}))
SELECT * FROM facts, histogram, top`;
}

/** What is said of a column's values. */
export interface ColumnFacts {
  total: number;
  present: number;
  /** About how many different ones there are. */
  distinct: number;
  least: string | null;
  most: string | null;
  /** How many lie in each part of the way from the least to the most, with its middle. */
  histogram: { middles: number[]; counts: number[] } | undefined;
  /** The most frequent ones. */
  top: readonly { value: string; n: number }[];
}

/** Read the row that `columnQuery` gives. */
export function columnFacts(row: readonly unknown[]): ColumnFacts {
  const [total, present, distinct, least, most, lo, hi, buckets, top] = row;
  return {
    total: Number(total),
    present: Number(present),
    distinct: Number(distinct),
    least: least as string | null,
    most: most as string | null,
    histogram: histogramOf(lo, hi, buckets as Bucket[] | null),
    top: (top ?? []) as ColumnFacts["top"],
  };
}

interface Bucket {
  bucket: number;
  n: number;
}

function histogramOf(lo: unknown, hi: unknown, buckets: Bucket[] | null) {
  if (buckets === null || typeof lo !== "number" || typeof hi !== "number") return undefined;
  const step = (hi - lo) / BUCKETS;
  if (step === 0) return { middles: [lo], counts: [buckets[0]?.n ?? 0] };
  const counts = new Array<number>(BUCKETS).fill(0);
  for (const { bucket, n } of buckets) counts[bucket] = n;
  return { middles: counts.map((_, at) => lo + (at + 0.5) * step), counts };
}

/** A column's values as numbers; nothing for what has no distances. */
function measureOf(column: SqlColumn): string | undefined {
  if (isNumberColumn(column)) return "CAST(c AS DOUBLE)";
  return isTimeColumn(column) ? "epoch(CAST(c AS TIMESTAMP))" : undefined;
}

function whereOf(conditions: readonly Condition[]): string {
  return conditions.length === 0 ? "" : ` WHERE ${conditions.map(termOf).join(" AND ")}`;
}

function termOf({ column, operator, value }: Condition): string {
  const name = quoteName(column);
  switch (operator) {
    case "null":
      return `${name} IS NULL`;
    case "present":
      return `${name} IS NOT NULL`;
    case "contains":
      return `contains(lower(CAST(${name} AS VARCHAR)), lower(${quoteText(value)}))`;
    default:
      return `${name} ${{ eq: "=", ne: "<>", lt: "<", gt: ">" }[operator]} ${quoteText(value)}`;
  }
}
