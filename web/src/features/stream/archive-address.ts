import { type Condition, OPERATORS, type OperatorId, type Sorting } from "./archive-query";

/** So many conditions stand in an address at most; each makes the query longer. */
export const CONDITIONS_MAX = 20;
export const VALUE_LENGTH_MAX = 500;

/** What of the archive's view stands in the page's address. */
export interface ArchiveAddress {
  sort?: string | undefined;
  filter?: string | undefined;
  rows?: string | undefined;
}

const CHANGELOG = "changelog";

/** Which rows of the archive are shown, and in which order. */
export interface ArchiveChoice {
  conditions: readonly Condition[];
  sorting: Sorting | undefined;
  /** Of a stream with change data capture: its records as they came, not its current state. */
  isChangelog: boolean;
}

/** Read an address; nothing for one that was not written here: it must not pass for all records. */
export function readAddress({ sort, filter, rows }: ArchiveAddress): ArchiveChoice | undefined {
  const conditions = filter === undefined ? [] : conditionsOf(filter);
  const sorting = sort === undefined ? undefined : sortingOf(sort);
  if (conditions === undefined || (sort !== undefined && sorting === undefined)) return undefined;
  if (rows !== undefined && rows !== CHANGELOG) return undefined;
  return { conditions, sorting, isChangelog: rows === CHANGELOG };
}

/** Write what is shown as an address. */
export function writeAddress(choice: ArchiveChoice): ArchiveAddress {
  const { conditions, sorting, isChangelog } = choice;
  const parts = conditions.map(({ column, operator, value }) => [column, operator, value]);
  return {
    sort: sorting && `${sorting.name}.${sorting.isDescending ? "desc" : "asc"}`,
    filter: parts.length > 0 ? JSON.stringify(parts) : undefined,
    rows: isChangelog ? CHANGELOG : undefined,
  };
}

function sortingOf(text: string): Sorting | undefined {
  const [, name, order] = /^(.+)[.](asc|desc)$/s.exec(text) ?? [];
  return name === undefined ? undefined : { name, isDescending: order === "desc" };
}

function conditionsOf(text: string): Condition[] | undefined {
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!Array.isArray(found) || found.length > CONDITIONS_MAX) return undefined;
  const conditions = found.map(conditionOf);
  return conditions.every((one) => one !== undefined) ? conditions : undefined;
}

function conditionOf(found: unknown): Condition | undefined {
  if (!Array.isArray(found) || !found.every((part) => typeof part === "string")) return undefined;
  const [column, operator, value, ...more] = found as string[];
  if (column === undefined || value === undefined || more.length > 0) return undefined;
  if (value.length > VALUE_LENGTH_MAX || !isOperator(operator)) return undefined;
  return { column, operator, value };
}

function isOperator(text: string | undefined): text is OperatorId {
  return OPERATORS.some(({ id }) => id === text);
}
