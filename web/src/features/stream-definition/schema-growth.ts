import type { StreamSchema } from "@/lib/streams";
import { draftsOf, type FieldDraft, fieldOf } from "./draft";
import { type DraftProblem, fieldProblemsOf } from "./problems";
import type { Kind } from "./types";

/** The types that others may be widened to; none of them has parts. */
export type WiderType = "short" | "integer" | "long" | "double";

const WIDER: Partial<Record<Kind, readonly WiderType[]>> = {
  byte: ["short", "integer", "long"],
  short: ["integer", "long"],
  integer: ["long"],
  float: ["double"],
};

/** A field whose type may become wider, and the types that it may have then. */
export interface Widening {
  name: string;
  types: readonly WiderType[];
}

/** The fields of records, not of structs in them, whose types may become wider. */
export function wideningsOf(schema: StreamSchema): Widening[] {
  return schema.fields.flatMap((field) => {
    const types = WIDER[field.schema.dataType.type];
    return types === undefined ? [] : [{ name: field.name, types }];
  });
}

/** What is wrong with a field that is to stand behind those that there are. */
export function addingProblemsOf(schema: StreamSchema, added: FieldDraft): DraftProblem[] {
  return fieldProblemsOf([...draftsOf(schema), added]);
}

/** The schema with one more field, behind the others; it must have no problems. */
export function withField(schema: StreamSchema, added: FieldDraft): StreamSchema {
  return { ...schema, fields: [...schema.fields, fieldOf(added)] };
}

/** The schema with another type of one field. */
export function withType(schema: StreamSchema, name: string, type: WiderType): StreamSchema {
  const fields = schema.fields.map((field) =>
    field.name === name ? { ...field, schema: { ...field.schema, dataType: { type } } } : field,
  );
  return { ...schema, fields };
}
