/** What the server says when it refuses a call, in the shape of all its errors. */
export interface ErrorBody {
  errorCode: string;
  errorName: string;
  errorInstanceId: string;
  errorDescription: string;
  parameters: Record<string, unknown>;
}

/** The server refused a call. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: number;
  readonly code: string;
  /** The stable name to decide by, such as `ResourceNotFound`. */
  readonly errorName: string;
  readonly instanceId: string;
  readonly parameters: Readonly<Record<string, unknown>>;

  constructor(status: number, body: ErrorBody) {
    super(body.errorDescription || body.errorName);
    this.status = status;
    this.code = body.errorCode;
    this.errorName = body.errorName;
    this.instanceId = body.errorInstanceId;
    this.parameters = body.parameters;
  }

  /** Read the error out of a response; one that is not ours becomes `Unknown`. */
  static async of(response: Response): Promise<ApiError> {
    const body: unknown = await response.json().catch(() => undefined);
    return new ApiError(response.status, isErrorBody(body) ? body : unknown(response));
  }
}

/** The server could not be reached, or the connection broke before it answered. */
export class UnreachableError extends Error {
  override readonly name = "UnreachableError";

  constructor(cause: unknown) {
    super("The server cannot be reached. Check that it is running and try again.", { cause });
  }
}

/** DuckDB's lines of the query with a mark below the place that it means. */
const MARKED_LINES = /\s*\n(LINE \d+:.*)$/s;

/** Say in a sentence what went wrong, for the person at the page. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error) || error.message === "") return "Something went wrong.";
  return sentence(error.message.replace(MARKED_LINES, ""));
}

/** The lines of a query in which the error marks a place; their columns mean something. */
export function markedLinesOf(error: unknown): string | undefined {
  return error instanceof Error ? MARKED_LINES.exec(error.message)?.[1]?.trimEnd() : undefined;
}

/** Tell whether *error* is the server's error of that name. */
export function isNamed(error: unknown, ...names: readonly string[]): error is ApiError {
  return error instanceof ApiError && names.includes(error.errorName);
}

function sentence(text: string): string {
  const start = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(start) ? start : `${start}.`;
}

function isErrorBody(body: unknown): body is ErrorBody {
  return typeof body === "object" && body !== null && "errorName" in body && "errorCode" in body;
}

function unknown(response: Response): ErrorBody {
  return {
    errorCode: "UNKNOWN",
    errorName: "Unknown",
    errorInstanceId: "",
    errorDescription: `the server answered ${response.status} ${response.statusText}`.trim(),
    parameters: {},
  };
}
