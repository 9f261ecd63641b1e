/** The types of a field, as in `dataType.type`. */
export const KINDS = {
  string: "String",
  boolean: "Boolean",
  byte: "Byte",
  short: "Short",
  integer: "Integer",
  long: "Long",
  float: "Float",
  double: "Double",
  decimal: "Decimal",
  timestamp: "Timestamp",
  date: "Date",
  binary: "Binary",
  array: "Array",
  map: "Map",
  struct: "Struct",
} as const;

export type Kind = keyof typeof KINDS;

/** Types that have an order which every reader agrees on. */
const ORDERING_KINDS: ReadonlySet<Kind> = new Set([
  "byte",
  "date",
  "decimal",
  "integer",
  "long",
  "short",
  "string",
  "timestamp",
]);

/** Whether fields of that type may say which of two records is the newer. */
export function mayOrder(kind: Kind): boolean {
  return ORDERING_KINDS.has(kind);
}

/** Whether fields of that type may be keys: of a stream, or of a map. */
export function mayBeKey(kind: Kind): boolean {
  return kind === "boolean" || ORDERING_KINDS.has(kind);
}

/** The type with its article, as in a sentence. */
export function aKind(kind: Kind): string {
  return `${/^[ai]/.test(kind) ? "an" : "a"} ${kind}`;
}
