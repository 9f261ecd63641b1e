import type { StreamSchema } from "@/lib/streams";

/** Records as typed. The text itself is sent, since reading it here could round large numbers. */
export interface RecordsText {
  records: readonly unknown[];
  /** Each stands in `{"value": …}`, as in the generated code. */
  isWrapped: boolean;
  isList: boolean;
}

/** Read what was typed: a record, or an array of records; throws `SyntaxError` if it is no JSON. */
export function readRecords(text: string, schema: StreamSchema): RecordsText {
  const parsed: unknown = JSON.parse(text);
  const isList = Array.isArray(parsed);
  const given: unknown[] = isList ? parsed : [parsed];
  const hasValue = schema.fields.some((field) => field.name === "value");
  const isWrapped = !hasValue && given.length > 0 && given.every(isWrapper);
  return {
    records: isWrapped ? given.map((one) => (one as { value: unknown }).value) : given,
    isWrapped,
    isList,
  };
}

/** Write the body of the call that publishes the text as it stands. */
export function bodyOf(text: string, { isList, isWrapped }: RecordsText): string {
  const list = isList ? text : `[${text}]`;
  return isWrapped ? list : `{"records":${list}}`;
}

function isWrapper(value: unknown): boolean {
  return (
    typeof value === "object" &&
    value !== null &&
    "value" in value &&
    Object.keys(value).length === 1
  );
}
