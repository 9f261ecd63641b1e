import type { DataType, FieldSchema, StreamSchema } from "@/lib/streams";

const TEXTS = {
  string: "sample",
  binary: "c2FtcGxl",
} as const;

/** Make up a record that fits *schema*; moments are *now*. */
export function sampleRecord(schema: StreamSchema, now: Date): Record<string, unknown> {
  return Object.fromEntries(
    schema.fields.map((field) => [field.name, sampleOf(field.schema, now)]),
  );
}

function sampleOf({ dataType: type }: FieldSchema, now: Date): unknown {
  switch (type.type) {
    case "struct":
      return sampleRecord({ fields: type.subFields }, now);
    case "array":
      return [sampleOf(type.itemsSchema, now)];
    case "map":
      return { [String(sampleOf(type.keySchema, now))]: sampleOf(type.valueSchema, now) };
    default:
      return leaf(type, now);
  }
}

function leaf(type: DataType, now: Date): unknown {
  switch (type.type) {
    case "boolean":
      return true;
    case "float":
    case "double":
      return 1.5;
    case "decimal":
      return decimal(type.precision ?? 38, type.scale ?? (type.precision == null ? 18 : 0));
    case "date":
      return now.toISOString().slice(0, 10);
    case "timestamp":
      return now.getTime();
    case "string":
    case "binary":
      return TEXTS[type.type];
    default:
      return 1;
  }
}

function decimal(precision: number, scale: number): string {
  if (scale === 0) return "1";
  return precision > scale ? "1.5" : "0.5";
}
