import { ThListIcon } from "@blueprintjs/icons";
import { Card } from "@/components/card";
import { Empty } from "@/components/empty";
import { Failed } from "@/components/failed";
import { Loading } from "@/components/loading";
import { Table } from "@/components/table";
import { type DatasetBranch, useDatasetSchema } from "./use-dataset";

/** The columns of a dataset. */
export function DatasetSchemaView(branch: DatasetBranch) {
  const schema = useDatasetSchema(branch);

  if (schema.isPending) return <Loading what="the schema" />;
  if (schema.isError) return <Failed error={schema.error} retry={schema.refetch} />;
  if (schema.data === null) {
    return (
      <Card>
        <Empty icon={<ThListIcon size={20} />} title="No schema yet">
          Programs put one with Palantir's client, for instance.
        </Empty>
      </Card>
    );
  }
  return (
    <Card>
      <Table head={["Column", "Type", "Nullable"]} label="Schema">
        {schema.data.schema.fieldSchemaList.map((field) => (
          <tr key={field.name}>
            <td>
              <code>{field.name}</code>
            </td>
            <td>
              {field.type === "DECIMAL"
                ? `DECIMAL(${field.precision}, ${field.scale})`
                : field.type}
            </td>
            <td>{field.nullable ? "Yes" : "No"}</td>
          </tr>
        ))}
      </Table>
    </Card>
  );
}
