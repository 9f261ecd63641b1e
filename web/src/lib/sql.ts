import { type Api, answer } from "./api";
import { isNamed } from "./errors";

/** A column of a result; its type is Arrow's name for it, such as `int64` or `timestamp[us, tz=UTC]`. */
export interface SqlColumn {
  name: string;
  type: string;
}

/** What a query gave. */
export interface SqlResult {
  queryId: string;
  /** How many rows there are. */
  rowsCount: number;
  resultBytes: number;
  seconds: number;
  columns: readonly SqlColumn[];
  /** The first of them; a number that JavaScript would round is a text. */
  rows: readonly (readonly unknown[])[];
}

/**
 * Run a query, and wait for its result; aborting *signal* cancels it at the server.
 *
 * Throws what the server says of a query that fails, and the browser's `AbortError` when canceled.
 */
export async function runQuery(api: Api, query: string, signal?: AbortSignal): Promise<SqlResult> {
  const begun = await answer(api.POST("/api/v2/sqlQueries/execute", { body: { query } }));
  if (!("queryId" in begun)) throw new Error("The query ended before it began.");
  const params = { path: { sql_query_id: begun.queryId } };
  const cancel = () => {
    // A query that cannot be canceled ends by itself, in the time that the server gives it.
    api.POST("/api/v2/sqlQueries/{sql_query_id}/cancel", { params }).catch(() => undefined);
  };
  signal?.addEventListener("abort", cancel);
  if (signal?.aborted) cancel();
  try {
    const found = await patiently(() =>
      answer(
        api.GET("/api/v1/sqlQueries/{sql_query_id}", {
          params,
          ...(signal !== undefined && { signal }),
        }),
      ),
    );
    const { queryId, rowsCount, resultBytes, seconds } = found;
    return { queryId, rowsCount, resultBytes, seconds, ...(found.result as SqlPage) };
  } finally {
    signal?.removeEventListener("abort", cancel);
  }
}

type SqlPage = Pick<SqlResult, "columns" | "rows">;

/** The call waits for the result up to a minute; then it is made again. */
async function patiently<T>(call: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (!isNamed(error, "QueryRunning")) throw error;
    }
  }
}

/** Where a whole result is read as a file. */
export function downloadPath(queryId: string, format: "csv" | "parquet"): string {
  return `/api/v1/sqlQueries/${encodeURIComponent(queryId)}/download?format=${format}`;
}

/** A name of a column or table as SQL has it. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A text as a value of SQL. */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A stream as a query names it: by its path, and its branch where it is not the default one. */
export function tableOf(path: string, branch: string, defaultBranch: string): string {
  return branch === defaultBranch ? quoteName(path) : `${quoteName(branch)}.${quoteName(path)}`;
}

/** Behind the path of a stream with change data capture: its records, and not its current state. */
export const CHANGELOG = "/changelog";

const NUMBER = /^(u?int\d+$|float|double|halffloat|decimal)/;

/** Whether a column holds numbers. */
export function isNumberColumn({ type }: SqlColumn): boolean {
  return NUMBER.test(type);
}

/** Whether a column holds points in time. */
export function isTimeColumn({ type }: SqlColumn): boolean {
  return type.startsWith("timestamp") || type.startsWith("date");
}

/** A value as people read it; nothing is rounded. */
export function valueText(value: unknown): string {
  if (typeof value === "string") return value;
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
