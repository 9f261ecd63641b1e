import type { JsonProblem } from "@/components/json-editor";
import { ApiError } from "@/lib/errors";
import type { StreamSchema } from "@/lib/streams";
import { placeOf, placeOfFault } from "./json-places";
import { faultsOf } from "./record-check";
import { type RecordsText, readRecords } from "./records-text";

/** What is to be said of records as they are typed. */
export interface Judgement {
  /** Nothing while the text is not JSON. */
  read: RecordsText | undefined;
  problems: readonly JsonProblem[];
}

interface InvalidRecord {
  index: number;
  path: string;
  expected: string;
  found: string;
}

/** Judge what was typed, before it is pushed. */
export function judge(text: string, schema: StreamSchema): Judgement {
  let read: RecordsText;
  try {
    read = readRecords(text, schema);
  } catch {
    const message = text.trim() === "" ? "Write a record." : "This is not JSON yet.";
    return { read: undefined, problems: [{ ...placeOfFault(text), message }] };
  }
  if (read.records.length === 0) {
    return {
      read,
      problems: [{ from: 0, to: text.length, message: "Write at least one record." }],
    };
  }
  const problems = faultsOf(read.records, schema).map(({ index, path, message }) => ({
    ...placeOf(text, index, path, read.isWrapped),
    message: `${where(read, index, path)}${message}`,
  }));
  return { read, problems };
}

/** What the server found wrong with the records, at the fields where it found it. */
export function refusalsIn(
  error: unknown,
  text: string,
  read: RecordsText | undefined,
): readonly JsonProblem[] {
  if (!(error instanceof ApiError) || read === undefined) return [];
  if (error.errorName !== "RecordDoesNotMatchStreamSchema") return [];
  const { invalidRecords } = error.parameters;
  if (!Array.isArray(invalidRecords)) return [];
  return (invalidRecords as InvalidRecord[]).map(({ index, path, expected, found }) => ({
    ...placeOf(text, index, path, read.isWrapped),
    message: `${where(read, index, path)}expected ${expected}, found ${found}`,
  }));
}

function where(read: RecordsText, index: number, path: string): string {
  const record = read.records.length > 1 ? `record ${index + 1}` : "";
  const place = [record, path].filter(Boolean).join(", ");
  return place === "" ? "" : `${place}: `;
}
