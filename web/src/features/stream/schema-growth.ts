import type { Schema } from "@/lib/api";

export type StreamSchema = Schema<"StreamSchema">;
type Field = Schema<"Field">;
type TypeName = Schema<"FieldSchema">["dataType"]["type"];

/** The types that a field may be added with here; those with parts need the API. */
export const SIMPLE_TYPES = [
  "string",
  "long",
  "double",
  "boolean",
  "timestamp",
  "date",
  "integer",
  "short",
  "byte",
  "float",
  "decimal",
  "binary",
] as const satisfies readonly TypeName[];

export type SimpleType = (typeof SIMPLE_TYPES)[number];

const WIDER: Partial<Record<TypeName, readonly SimpleType[]>> = {
  byte: ["short", "integer", "long"],
  short: ["integer", "long"],
  integer: ["long"],
  float: ["double"],
};

/** A field whose type may become wider, and the types that it may have then. */
export interface Widening {
  name: string;
  types: readonly SimpleType[];
}

/** The fields of records, not of structs in them, whose types may become wider. */
export function wideningsOf(schema: StreamSchema): Widening[] {
  return schema.fields.flatMap((field) => {
    const types = WIDER[field.schema.dataType.type];
    return types === undefined ? [] : [{ name: field.name, types }];
  });
}

/** The schema with one more nullable field, behind the others. */
export function withField(schema: StreamSchema, name: string, type: SimpleType): StreamSchema {
  const field: Field = { name, schema: { nullable: true, dataType: { type } } };
  return { ...schema, fields: [...schema.fields, field] };
}

/** The schema with another type of one field. */
export function withType(schema: StreamSchema, name: string, type: SimpleType): StreamSchema {
  const fields = schema.fields.map((field) =>
    field.name === name ? { ...field, schema: { ...field.schema, dataType: { type } } } : field,
  );
  return { ...schema, fields };
}
