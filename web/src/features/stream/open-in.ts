import type { Schema } from "@/lib/api";

export type ArchivedTable = Schema<"ArchivedTable">;

/** Code that opens a stream's table in another program. */
export interface OpenIn {
  program: string;
  /** What it needs, and where it runs. */
  needs: string;
  code: string;
}

/** The code for each program; a test runs that of DuckDB and PyIceberg as the page shows it. */
export function openInPrograms(table: ArchivedTable): readonly OpenIn[] {
  return [
    {
      program: "DuckDB",
      needs: "Python with duckdb, pyiceberg[sql-sqlite] and pyarrow.",
      code: `import duckdb
${catalogueCode(table)}
files = [task.file.file_path for task in table.scan().plan_files()]
records = duckdb.read_parquet(files)
print(duckdb.sql("SELECT * FROM records LIMIT 10"))
`,
    },
    {
      program: "PyIceberg",
      needs: "Python with pyiceberg[sql-sqlite] and pyarrow.",
      code: `${catalogueCode(table)}
records = table.scan(limit=10).to_arrow()
print(records.to_pylist())
`,
    },
    {
      program: "Spark",
      needs: "Spark 3.5, which fetches Iceberg by itself.",
      code: sparkCode(table),
    },
  ];
}

/** Opens the table; where the catalogue is another one than ours, its URL is the reader's to know. */
function catalogueCode({ table, catalogType, catalogUri }: ArchivedTable): string {
  const uri = catalogUri === null ? 'os.environ["ICEBERG_CATALOG_URI"]' : text(catalogUri);
  const imports = catalogUri === null ? "import os\n\n" : "";
  return `${imports}from pyiceberg.catalog import load_catalog

catalog = load_catalog("sluiceway", type=${text(catalogType)}, uri=${uri})
table = catalog.load_table(${text(table)})`;
}

/**
 * Names that Iceberg has for columns of its own, of which Spark reads none that the table has.
 *
 * They are those of `MetadataColumns` in Iceberg's Java library.
 */
const SPARK_RESERVED = new Set([
  "_file",
  "_pos",
  "_deleted",
  "_spec_id",
  "_partition",
  "_change_type",
  "_change_ordinal",
  "_commit_snapshot_id",
  "_row_id",
  "_last_updated_sequence_number",
]);

function sparkCode(archived: ArchivedTable): string {
  const { table, catalogType, catalogUri, columns, metadataLocation } = archived;
  const readable = columns.filter((column) => !SPARK_RESERVED.has(column)).map(sparkName);
  // Below it: the namespace's folder, the table's, and "metadata".
  const warehouse = metadataLocation.split("/").slice(0, -4).join("/");
  const isSqlite = catalogUri?.startsWith("sqlite:") ?? false;
  const packages = [
    "org.apache.iceberg:iceberg-spark-runtime-3.5_2.12:1.6.1",
    ...(isSqlite ? ["org.xerial:sqlite-jdbc:3.46.1.0"] : []),
  ];
  // Iceberg's JDBC catalogue has the tables of PyIceberg's SQL catalogue.
  const type = catalogType === "sql" ? "jdbc" : catalogType;
  const uri = catalogUri === null ? "$ICEBERG_CATALOG_URI" : jdbcUrl(catalogUri);
  const conf = "spark.sql.catalog.sluiceway";
  return `spark-sql --packages ${packages.join(",")} \\
  --conf ${conf}=org.apache.iceberg.spark.SparkCatalog \\
  --conf ${conf}.type=${type} \\
  --conf "${conf}.uri=${uri}" \\
  --conf "${conf}.warehouse=${warehouse}" \\
  -e 'SELECT ${readable.join(", ")}
      FROM sluiceway.${table} LIMIT 10'
`;
}

/** A column's name in Spark, within a text of the shell in single quotes. */
function sparkName(column: string): string {
  if (/^[A-Za-z_]\w*$/.test(column)) {
    return column;
  }
  return `\`${column.replaceAll("`", "``").replaceAll("'", "'\\''")}\``;
}

/** SQLAlchemy has a further slash before an absolute path, JDBC has no slashes. */
function jdbcUrl(uri: string): string {
  return `jdbc:${uri.replace(/^sqlite:\/\/\//, "sqlite:")}`;
}

/** JSON's texts are Python's too. */
function text(value: string): string {
  return JSON.stringify(value);
}
