import { ThIcon } from "@blueprintjs/icons";
import { useMemo } from "react";
import { Card } from "@/components/card";
import { DataTable } from "@/components/data-table";
import { Empty } from "@/components/empty";
import { Failed } from "@/components/failed";
import { Loading } from "@/components/loading";
import { formatNumber } from "@/lib/format";
import { parseCsv } from "./csv";
import styles from "./dataset.module.css";
import { type DatasetBranch, useDatasetSchema, useTableCsv } from "./use-dataset";

const ROWS_SHOWN = 200;
const NUMBERS = new Set(["BYTE", "SHORT", "INTEGER", "LONG", "FLOAT", "DOUBLE", "DECIMAL"]);

/** The first rows of a dataset, which must have a schema for that. */
export function TablePreview(branch: DatasetBranch) {
  const schema = useDatasetSchema(branch);
  const table = useTableCsv(branch, ROWS_SHOWN, schema.data != null);
  const [head = [], ...rows] = useMemo(() => parseCsv(table.data ?? ""), [table.data]);

  if (schema.isPending) return <Loading what="the schema" />;
  if (schema.isError) return <Failed error={schema.error} retry={schema.refetch} />;
  if (schema.data === null) {
    return (
      <Card>
        <Empty icon={<ThIcon size={20} />} title="No schema yet">
          With a schema, which programs put, the files of a dataset are rows of one table.
        </Empty>
      </Card>
    );
  }
  if (table.isPending) return <Loading what="the table" />;
  if (table.isError) {
    return <Failed error={table.error} retry={table.refetch} title="The table cannot be read" />;
  }
  if (rows.length === 0) {
    return (
      <Card>
        <Empty icon={<ThIcon size={20} />} title="No rows" />
      </Card>
    );
  }
  const types = new Map(
    schema.data.schema.fieldSchemaList.map(({ name, type }) => [name, typeOf(type)]),
  );
  return (
    <Card>
      <DataTable
        columns={head.map((name) => ({
          name: name ?? "",
          type: types.get(name ?? "") ?? "string",
        }))}
        label="Rows"
        rows={rows}
      />
      <p className={styles.note}>
        {rows.length < ROWS_SHOWN
          ? `${rows.length} rows`
          : `The first ${formatNumber(ROWS_SHOWN)} rows`}
      </p>
    </Card>
  );
}

/** The type as the table has it, which tells numbers by Arrow's names. */
function typeOf(type: string): string {
  return NUMBERS.has(type) ? `decimal: ${type}` : type;
}
