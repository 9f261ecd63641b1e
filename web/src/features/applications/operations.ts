/** An operation that an application may be restricted to. */
export interface OperationChoice {
  scope: string;
  /** In plain words, what the application could then do. */
  meaning: string;
}

export const OPERATIONS: readonly OperationChoice[] = [
  {
    scope: "api:use-streams-write",
    meaning: "Push records, create and reset streams, manage subscribers.",
  },
  { scope: "api:use-streams-read", meaning: "Read records and the schema of streams." },
  { scope: "api:use-datasets-read", meaning: "Read what is known of datasets." },
  { scope: "api:use-datasets-write", meaning: "Create and change datasets." },
  { scope: "api:use-filesystem-read", meaning: "List projects, folders and who may use them." },
  {
    scope: "api:use-filesystem-write",
    meaning: "Create, rename, trash and share projects and folders.",
  },
  { scope: "api:use-sql-queries-execute", meaning: "Run queries in SQL, and cancel them." },
  { scope: "api:use-sql-queries-read", meaning: "Read the results of queries in SQL." },
  { scope: "api:use-admin-read", meaning: "Look up users, groups and applications." },
  { scope: "api:use-admin-write", meaning: "Manage users, groups and applications." },
];

/** The choices to show for an application that is restricted to *chosen*: all known, and its own. */
export function operationChoices(chosen: readonly string[]): OperationChoice[] {
  const known = new Set(OPERATIONS.map((operation) => operation.scope));
  const own = chosen.filter((scope) => !known.has(scope));
  const meaning = "Set by API, as an older spelling or for another service.";
  return [...OPERATIONS, ...own.map((scope) => ({ scope, meaning }))];
}
