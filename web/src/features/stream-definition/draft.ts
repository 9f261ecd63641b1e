import type { FieldSchema, StreamField, StreamSchema } from "@/lib/streams";
import type { Kind } from "./types";

/** A field as it is being edited; also the items of an array and the keys and values of a map. */
export interface FieldDraft {
  /** Stays the same while the field is renamed and moved. */
  readonly id: string;
  readonly name: string;
  readonly kind: Kind;
  readonly isNullable: boolean;
  readonly isKey: boolean;
  readonly description: string;
  /** Of a decimal, as typed. */
  readonly precision: string;
  readonly scale: string;
  /** Fields of a struct; the items of an array; the keys and the values of a map. */
  readonly parts: readonly FieldDraft[];
}

/** A stream as it is being defined. */
export interface StreamDraft {
  readonly name: string;
  readonly folderRid: string | undefined;
  readonly fields: readonly FieldDraft[];
  readonly partitions: number;
  readonly streamType: "LOW_LATENCY" | "HIGH_THROUGHPUT";
  readonly isCompressed: boolean;
  readonly isCaptured: boolean;
  /** Ids of fields; empty while none is chosen. */
  readonly orderingId: string;
  readonly deletionId: string;
}

export const PRECISION_MAX = 38;
const PRECISION_DEFAULT = "38";
const SCALE_DEFAULT = "18";

let lastId = 0;

/** A field with nothing said of it yet. */
export function emptyField(kind: Kind = "string"): FieldDraft {
  lastId += 1;
  return {
    id: `field-${lastId}`,
    name: "",
    kind,
    isNullable: true,
    isKey: false,
    description: "",
    precision: PRECISION_DEFAULT,
    scale: SCALE_DEFAULT,
    parts: partsOf(kind),
  };
}

/** A stream with nothing said of it yet but where it is to lie. */
export function emptyStream(folderRid: string | undefined): StreamDraft {
  return {
    name: "",
    folderRid,
    fields: [],
    partitions: 1,
    streamType: "LOW_LATENCY",
    isCompressed: false,
    isCaptured: false,
    orderingId: "",
    deletionId: "",
  };
}

/** The field with another type; what the old one was made of is gone. */
export function withKind(field: FieldDraft, kind: Kind): FieldDraft {
  return kind === field.kind ? field : { ...field, kind, parts: partsOf(kind) };
}

/** Read the fields of a schema into drafts. */
export function draftsOf(schema: StreamSchema): FieldDraft[] {
  const keys = new Set(schema.keyFieldNames ?? []);
  return schema.fields.map((field) => ({ ...draftOf(field), isKey: keys.has(field.name) }));
}

/** Write the drafts as a schema; they must have no problems. */
export function schemaOf(draft: StreamDraft): StreamSchema {
  const nameOf = (id: string) => draft.fields.find((field) => field.id === id)?.name ?? "";
  const keys = draft.fields.filter((field) => field.isKey).map((field) => field.name);
  return {
    fields: draft.fields.map(fieldOf),
    ...(keys.length > 0 && { keyFieldNames: keys }),
    ...(draft.isCaptured && {
      changeDataCapture: {
        type: "fullRow",
        orderingFieldName: nameOf(draft.orderingId),
        deletionFieldName: nameOf(draft.deletionId),
      },
    }),
  };
}

function partsOf(kind: Kind): FieldDraft[] {
  if (kind === "array") return [emptyField()];
  if (kind === "map") return [{ ...emptyField(), isNullable: false }, emptyField()];
  if (kind === "struct") return [emptyField()];
  return [];
}

function draftOf({ name, schema }: StreamField): FieldDraft {
  const type = schema.dataType;
  const description = schema.customMetadata?.description;
  return {
    ...emptyField(),
    name,
    kind: type.type,
    isNullable: schema.nullable,
    description: typeof description === "string" ? description : "",
    parts: inner(schema).map(draftOf),
    ...(type.type === "decimal" && {
      precision: String(type.precision ?? PRECISION_DEFAULT),
      scale: String(type.scale ?? (type.precision == null ? SCALE_DEFAULT : 0)),
    }),
  };
}

function inner({ dataType }: FieldSchema): StreamField[] {
  const unnamed = (schema: FieldSchema) => ({ name: "", schema });
  if (dataType.type === "array") return [unnamed(dataType.itemsSchema)];
  if (dataType.type === "map") return [unnamed(dataType.keySchema), unnamed(dataType.valueSchema)];
  return dataType.type === "struct" ? dataType.subFields : [];
}

/** Write one field; it must have no problems. */
export function fieldOf(draft: FieldDraft): StreamField {
  return { name: draft.name, schema: fieldSchemaOf(draft) };
}

function fieldSchemaOf(draft: FieldDraft): FieldSchema {
  const description = draft.description.trim();
  return {
    nullable: draft.isNullable,
    dataType: dataTypeOf(draft),
    ...(description !== "" && { customMetadata: { description } }),
  };
}

function dataTypeOf({ kind, parts, precision, scale }: FieldDraft): FieldSchema["dataType"] {
  const [first = emptyField(), second = emptyField()] = parts;
  if (kind === "struct") return { type: kind, subFields: parts.map(fieldOf) };
  if (kind === "array") return { type: kind, itemsSchema: fieldSchemaOf(first) };
  if (kind === "map") {
    return { type: kind, keySchema: fieldSchemaOf(first), valueSchema: fieldSchemaOf(second) };
  }
  if (kind === "decimal") return { type: kind, precision: Number(precision), scale: Number(scale) };
  return { type: kind };
}
