import { Table } from "@/components/table";
import type { Schema } from "@/lib/api";
import styles from "./details.module.css";

type Field = Schema<"Field">;
type DataType = Schema<"FieldSchema">["dataType"];

/** The fields of a stream's records; those of a struct below it, at whatever place it stands. */
export function SchemaTable({ schema }: { schema: Schema<"StreamSchema"> }) {
  const keys = new Set(schema.keyFieldNames ?? []);
  return (
    <Table head={["Field", "Type", "Nullable", "Key"]} isFocusable label="Schema">
      {flatten(schema.fields, 0).map(({ field, depth, path }) => (
        <tr key={path}>
          <td>
            <div style={{ paddingLeft: depth * 20 }}>
              <code>{field.name}</code>
              <Description field={field} />
            </div>
          </td>
          <td className={styles.type}>{typeName(field.schema.dataType)}</td>
          <td className={styles.muted}>{field.schema.nullable ? "Yes" : "No"}</td>
          <td className={styles.muted}>{depth === 0 && keys.has(field.name) ? "Key" : ""}</td>
        </tr>
      ))}
    </Table>
  );
}

function Description({ field }: { field: Field }) {
  const description = field.schema.customMetadata?.description;
  if (typeof description !== "string" || description === "") return null;
  return <div className={styles.description}>{description}</div>;
}

interface FlatField {
  field: Field;
  depth: number;
  path: string;
}

function flatten(fields: readonly Field[], depth: number, above = ""): FlatField[] {
  return fields.flatMap((field) => {
    const path = `${above}/${field.name}`;
    const below = flatten(subFieldsOf(field.schema.dataType), depth + 1, path);
    return [{ field, depth, path }, ...below];
  });
}

/** The fields of a struct, also of one that is an array's item or a map's value. */
function subFieldsOf(type: DataType): readonly Field[] {
  if (type.type === "struct") return type.subFields;
  if (type.type === "array") return subFieldsOf(type.itemsSchema.dataType);
  return type.type === "map" ? subFieldsOf(type.valueSchema.dataType) : [];
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
