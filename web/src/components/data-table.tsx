import { type ReactNode, useState } from "react";
import { isNumberColumn, type SqlColumn, valueText } from "@/lib/sql";
import { CodeBlock } from "./code-block";
import styles from "./data-table.module.css";
import { Fact, Facts } from "./facts";
import { SidePanel } from "./side-panel";
import { HeadCell, OpenCell, ValueCell, WindowedTable } from "./windowed-table";

const PLACE_WIDTH = 64;
const WIDTH_MIN = 96;
const WIDTH_MAX = 320;
/** In pixels, of one character of a cell. */
const CHARACTER = 8;
const PADDING = 28;
/** So many rows say how wide a column is. */
const MEASURED_ROWS = 50;

interface DataTableProps {
  label: string;
  columns: readonly SqlColumn[];
  rows: readonly (readonly unknown[])[];
  /** What stands in a column's head; its name where nothing is given. */
  head?: (column: SqlColumn) => ReactNode;
  /** How the rows are sorted. */
  sorted?: { name: string; isDescending: boolean } | undefined;
  /** Room in pixels that a head needs besides the column's name. */
  headExtra?: number;
}

/** The rows of a table as they were read; a row opens with all that is in it. */
export function DataTable({ label, columns, rows, head, sorted, headExtra = 0 }: DataTableProps) {
  const [open, setOpen] = useState<number>();
  const row = (index: number) => ({
    key: index,
    cells: (
      <>
        <OpenCell label={`Open row ${index + 1}`} onOpen={() => setOpen(index)}>
          {index + 1}
        </OpenCell>
        {columns.map((column, at) => (
          <ValueCell isNumber={isNumberColumn(column)} key={at} text={textOf(rows[index]?.[at])} />
        ))}
      </>
    ),
  });
  const opened = open === undefined ? undefined : rows[open];
  return (
    <>
      <WindowedTable
        count={rows.length}
        head={
          <>
            <HeadCell>#</HeadCell>
            {columns.map((column, at) => (
              <HeadCell
                isNumber={isNumberColumn(column)}
                key={at}
                title={`${column.name}: ${column.type}`}
                {...(head !== undefined && { "aria-sort": sortOf(column, sorted) })}
              >
                {head === undefined ? column.name : head(column)}
              </HeadCell>
            ))}
          </>
        }
        isSpread
        label={label}
        row={row}
        widths={[PLACE_WIDTH, ...columns.map((column, at) => widthOf(column, at, rows, headExtra))]}
      />
      {opened !== undefined && (
        <SidePanel
          isOpen
          onClose={() => setOpen(undefined)}
          title={`Row ${(open ?? 0) + 1}`}
          width={520}
        >
          <div className={styles.row}>
            <Facts>
              {columns.map((column, at) => (
                <Fact key={at} name={column.name}>
                  {textOf(opened[at]) ?? "null"}
                </Fact>
              ))}
            </Facts>
            <CodeBlock code={jsonOf(columns, opened)} title="JSON" />
          </div>
        </SidePanel>
      )}
    </>
  );
}

function textOf(value: unknown): string | null {
  return value === null || value === undefined ? null : valueText(value);
}

function sortOf(column: SqlColumn, sorted: DataTableProps["sorted"]) {
  if (sorted?.name !== column.name) return "none";
  return sorted.isDescending ? "descending" : "ascending";
}

/** In pixels: as wide as what is in the first rows, and as the head. */
function widthOf(
  column: SqlColumn,
  at: number,
  rows: DataTableProps["rows"],
  headExtra: number,
): number {
  const lengths = rows.slice(0, MEASURED_ROWS).map((row) => textOf(row[at])?.length ?? 4);
  const cells = Math.min(Math.max(0, ...lengths) * CHARACTER + PADDING, WIDTH_MAX);
  const head = Math.min(column.name.length * CHARACTER + PADDING, WIDTH_MAX) + headExtra;
  return Math.max(WIDTH_MIN, cells, head);
}

/** Two columns may have one name, so that this is no object but what JSON lets stand. */
function jsonOf(columns: readonly SqlColumn[], row: readonly unknown[]): string {
  const lines = columns.map(
    ({ name }, at) => `  ${JSON.stringify(name)}: ${JSON.stringify(row[at] ?? null)}`,
  );
  return `{\n${lines.join(",\n")}\n}`;
}
