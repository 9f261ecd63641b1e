import { Button, ProgressBar, SegmentedControl } from "@blueprintjs/core";
import {
  ArchiveIcon,
  CaretDownIcon,
  CaretUpIcon,
  HorizontalBarChartIcon,
  RefreshIcon,
} from "@blueprintjs/icons";
import { useState } from "react";
import { ButtonLink } from "@/components/button-link";
import { Card } from "@/components/card";
import { DataTable } from "@/components/data-table";
import { Empty } from "@/components/empty";
import { Failed } from "@/components/failed";
import { Loading } from "@/components/loading";
import { formatClock, formatNumber, plural } from "@/lib/format";
import { CHANGELOG, type SqlColumn, tableOf } from "@/lib/sql";
import { DEFAULT_BRANCH } from "@/lib/streams";
import {
  type ArchiveAddress,
  type ArchiveChoice,
  readAddress,
  writeAddress,
} from "./archive-address";
import { ArchiveFilter } from "./archive-filter";
import { ROWS_MAX, rowsQuery, type Sorting } from "./archive-query";
import styles from "./archive-view.module.css";
import { ColumnPanel } from "./column-panel";
import { useArchiveRows } from "./use-archive-rows";
import type { StreamDescription, StreamName } from "./wire";

/** In pixels, of the two buttons in a column's head. */
const HEAD_EXTRA = 44;

export interface ArchiveViewProps {
  stream: StreamName;
  description: StreamDescription;
  /** What the page's address says of the rows, and what it is to say. */
  archive: ArchiveAddress;
  onArchive: (address: ArchiveAddress) => void;
}

const ALL: ArchiveChoice = { conditions: [], sorting: undefined, isChangelog: false };

/** All records of the stream as a table: sorted and filtered by the server, with each column's statistics. */
export function ArchiveView({ archive, onArchive, ...props }: ArchiveViewProps) {
  const choice = readAddress(archive);
  const show = (part: Partial<ArchiveChoice>) =>
    onArchive(writeAddress({ ...ALL, ...choice, ...part }));
  if (choice === undefined) {
    return (
      <Card>
        <Empty
          action={<Button onClick={() => show(ALL)} text="Show all records" />}
          icon={<ArchiveIcon size={20} />}
          title="This link cannot be read"
        >
          Its filter or order was changed or cut on the way, so that nobody knows which records it
          means.
        </Empty>
      </Card>
    );
  }
  return <Rows {...props} {...choice} onShow={show} />;
}

interface RowsProps extends Pick<ArchiveViewProps, "stream" | "description">, ArchiveChoice {
  onShow: (part: Partial<ArchiveChoice>) => void;
}

function Rows({ stream, description, onShow, ...choice }: RowsProps) {
  const { conditions, sorting, isChangelog } = choice;
  const [column, setColumn] = useState<SqlColumn>();
  const path = `${description.path}${isChangelog ? CHANGELOG : ""}`;
  const table = tableOf(path, description.branchName, DEFAULT_BRANCH);
  const query = rowsQuery(table, conditions, sorting);
  const found = useArchiveRows(stream, query);

  if (found.isPending) return <Loading what="the archive" />;
  const columns = found.data?.columns ?? columnsOf(description);
  return (
    <Card>
      <div className={styles.tools}>
        {(isChangelog || description.schema.changeDataCapture) && (
          <SegmentedControl
            aria-label="Current state or changelog"
            onValueChange={(value) => onShow({ isChangelog: value === "changelog" })}
            options={[
              { label: "Current state", value: "state" },
              { label: "Changelog", value: "changelog" },
            ]}
            role="radiogroup"
            size="small"
            value={isChangelog ? "changelog" : "state"}
          />
        )}
        <ArchiveFilter
          columns={columns}
          conditions={conditions}
          onChange={(changed) => onShow({ conditions: changed })}
        />
        <span className={styles.end}>
          <Button
            icon={<RefreshIcon />}
            loading={found.isFetching}
            onClick={() => found.refetch()}
            text="Refresh"
            variant="minimal"
          />
          <ButtonLink search={{ q: query }} text="Open as SQL" to="/sql" variant="minimal" />
        </span>
      </div>
      {found.isFetching && <ProgressBar aria-label="The query runs" className={styles.progress} />}
      {found.isError && (
        <>
          <Failed error={found.error} retry={found.refetch} />
          {sorting !== undefined && (
            <p className={styles.notes}>
              Sorted by {sorting.name}.{" "}
              <Button
                onClick={() => onShow({ sorting: undefined })}
                size="small"
                text="Do not sort"
                variant="outlined"
              />
            </p>
          )}
        </>
      )}
      {found.isSuccess && found.data.rows.length === 0 && (
        <Empty icon={<ArchiveIcon size={20} />} title="No records">
          {conditions.length > 0 ? "None of them is like this." : "None were pushed yet."}
        </Empty>
      )}
      {found.isSuccess && found.data.rows.length > 0 && (
        <>
          <DataTable
            columns={columns}
            head={(one) => (
              <ColumnHead
                column={one}
                onSort={() => onShow({ sorting: nextSorting(one, sorting) })}
                onStatistics={() => setColumn(one)}
                sorting={sorting}
              />
            )}
            headExtra={HEAD_EXTRA}
            label="Archive"
            rows={found.data.rows}
            sorted={sorting}
          />
          <p className={styles.notes} role="status">
            {found.data.rowsCount === ROWS_MAX
              ? `The first ${formatNumber(ROWS_MAX)} records`
              : plural(found.data.rowsCount, "record")}
            , as they were at {formatClock(found.dataUpdatedAt)}
          </p>
        </>
      )}
      {column !== undefined && (
        <ColumnPanel
          column={column}
          conditions={conditions}
          onClose={() => setColumn(undefined)}
          stream={stream}
          table={table}
        />
      )}
    </Card>
  );
}

interface ColumnHeadProps {
  column: SqlColumn;
  sorting: Sorting | undefined;
  onSort: () => void;
  onStatistics: () => void;
}

function ColumnHead({ column: { name }, sorting, onSort, onStatistics }: ColumnHeadProps) {
  const isSorted = sorting?.name === name;
  return (
    <span className={styles.head}>
      <button className={styles.sort} onClick={onSort} title={`Sort by ${name}`} type="button">
        <span>{name}</span>
        {isSorted && (sorting.isDescending ? <CaretDownIcon /> : <CaretUpIcon />)}
      </button>
      <Button
        aria-label={`Statistics of ${name}`}
        icon={<HorizontalBarChartIcon size={12} />}
        onClick={onStatistics}
        size="small"
        variant="minimal"
      />
    </span>
  );
}

/** The columns that there will be, before any row was read. */
function columnsOf({ schema }: StreamDescription): SqlColumn[] {
  return schema.fields.map(({ name }) => ({ name, type: "" }));
}

/** Rising, then falling, then as they come. */
function nextSorting({ name }: SqlColumn, before: Sorting | undefined): Sorting | undefined {
  if (before?.name !== name) return { name, isDescending: false };
  return before.isDescending ? undefined : { name, isDescending: true };
}
