import { Table } from "@/components/table";
import type { Schema } from "@/lib/api";
import styles from "./details.module.css";

type Field = Schema<"Field">;
type DataType = Schema<"FieldSchema">["dataType"];

/** The fields of a stream's records; those of a struct below it. */
export function SchemaTable({ schema }: { schema: Schema<"StreamSchema"> }) {
  const keys = new Set(schema.keyFieldNames ?? []);
  return (
    <Table head={["Field", "Type", "Nullable", "Key"]} label="Schema">
      {flatten(schema.fields, 0).map(({ field, depth, path }) => (
        <tr key={path}>
          <td>
            <code style={{ paddingLeft: depth * 20 }}>{field.name}</code>
          </td>
          <td className={styles.type}>{typeName(field.schema.dataType)}</td>
          <td className={styles.muted}>{field.schema.nullable ? "Yes" : "No"}</td>
          <td className={styles.muted}>{depth === 0 && keys.has(field.name) ? "Key" : ""}</td>
        </tr>
      ))}
    </Table>
  );
}

interface FlatField {
  field: Field;
  depth: number;
  path: string;
}

function flatten(fields: readonly Field[], depth: number, above = ""): FlatField[] {
  return fields.flatMap((field) => {
    const path = `${above}/${field.name}`;
    const { dataType } = field.schema;
    const below = dataType.type === "struct" ? flatten(dataType.subFields, depth + 1, path) : [];
    return [{ field, depth, path }, ...below];
  });
}

function typeName(type: DataType): string {
  if (type.type === "array") return `array of ${typeName(type.itemsSchema.dataType)}`;
  if (type.type === "map") {
    return `map of ${typeName(type.keySchema.dataType)} to ${typeName(type.valueSchema.dataType)}`;
  }
  if (type.type === "decimal" && type.precision) {
    return `decimal(${type.precision}, ${type.scale ?? 0})`;
  }
  return type.type;
}
