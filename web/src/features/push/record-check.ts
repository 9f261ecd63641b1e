import type { DataType, FieldSchema, StreamField, StreamSchema } from "@/lib/streams";

/** Why a record does not fit: the first thing that is wrong with it. */
export interface RecordFault {
  index: number;
  path: string;
  message: string;
}

type Find = (path: string, message: string) => true;

const BITS = { byte: 8, short: 16, integer: 32 } as const;
const NOT_FINITE = new Set(["NaN", "Infinity", "-Infinity"]);

/**
 * Find what does not fit the schema, while it is being typed.
 *
 * These are the server's rules as far as they can be told without reading numbers to their last
 * digit; the server has the last word.
 */
export function faultsOf(records: readonly unknown[], schema: StreamSchema): RecordFault[] {
  const faults: RecordFault[] = [];
  const keys = new Set(schema.keyFieldNames ?? []);
  records.forEach((record, index) => {
    checkFields(record, schema.fields, "", keys, (path, message) => {
      faults.push({ index, path, message });
      return true;
    });
  });
  return faults;
}

function checkFields(
  value: unknown,
  fields: readonly StreamField[],
  path: string,
  keys: ReadonlySet<string>,
  find: Find,
): boolean {
  if (!isObject(value)) return find(path, `expected an object, found ${shown(value)}`);
  const isFound = fields.some(({ name, schema }) => {
    if (!Object.hasOwn(value, name)) {
      return !schema.nullable && find(join(path, name), "is missing and not nullable");
    }
    const isKey = path === "" && keys.has(name);
    return check(value[name], schema, join(path, name), isKey, find);
  });
  const known = new Set(fields.map((field) => field.name));
  const unknown = Object.keys(value).find((name) => !known.has(name));
  if (isFound || unknown === undefined) return isFound;
  return find(join(path, unknown), "the schema has no such field");
}

function check(
  value: unknown,
  { nullable, dataType }: FieldSchema,
  path: string,
  isKey: boolean,
  find: Find,
): boolean {
  if (value === null) return !nullable && find(path, "is null and not nullable");
  switch (dataType.type) {
    case "struct":
      return checkFields(value, dataType.subFields, path, new Set(), find);
    case "array":
      if (!Array.isArray(value)) return find(path, `expected an array, found ${shown(value)}`);
      return value.some((item, index) =>
        check(item, dataType.itemsSchema, `${path}[${index}]`, false, find),
      );
    case "map":
      if (!isObject(value)) return find(path, `expected an object, found ${shown(value)}`);
      return Object.entries(value).some(([key, item]) =>
        check(item, dataType.valueSchema, `${path}[${JSON.stringify(key)}]`, false, find),
      );
    default: {
      const expected = expectation(value, dataType, isKey);
      return expected !== undefined && find(path, `expected ${expected}, found ${shown(value)}`);
    }
  }
}

/** What is expected in the place of *value*; nothing if it fits. */
function expectation(value: unknown, type: DataType, isKey: boolean): string | undefined {
  const isText = typeof value === "string";
  const isNumber = typeof value === "number";
  switch (type.type) {
    case "boolean":
      return typeof value === "boolean" ? undefined : "true or false";
    case "byte":
    case "short":
    case "integer": {
      const limit = 2 ** (BITS[type.type] - 1);
      const fits = isNumber && Number.isInteger(value) && value >= -limit && value < limit;
      return fits ? undefined : `a whole number from ${-limit} to ${limit - 1}`;
    }
    case "long":
      return (isNumber && Number.isInteger(value)) || (isText && /^-?\d{1,19}$/.test(value))
        ? undefined
        : "a whole number, or its digits as a string";
    case "float":
    case "double":
      return isNumber || (isText && NOT_FINITE.has(value)) ? undefined : "a number";
    case "decimal":
      return isNumber || (isText && /^-?\d/.test(value))
        ? undefined
        : "a number, or its digits as a string";
    case "date":
      return isText && /^\d{4}-\d{2}-\d{2}$/.test(value) ? undefined : 'text like "2026-01-31"';
    case "timestamp":
      if (isNumber && Number.isInteger(value)) return undefined;
      if (isKey) return "epoch milliseconds, a whole number";
      return isText ? undefined : "epoch milliseconds, or RFC 3339 text with a zone";
    case "binary":
      return isText ? undefined : "base64 text";
    default:
      return isText ? undefined : "a string";
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function join(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}

function shown(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
