import { Button } from "@blueprintjs/core";
import { ArrowUpIcon } from "@blueprintjs/icons";
import { useRef, useState } from "react";
import type { Schema } from "@/lib/api";
import { cellText, isRightAligned, recordTime, widthOf } from "./cells";
import type { LiveRow } from "./live-rows";
import styles from "./records-table.module.css";

type Field = Schema<"Field">;

/** In pixels; the style sheet has the same. */
const ROW_HEIGHT = 30;
const VIEWPORT_ROWS = 24;
const OVERSCAN_ROWS = 6;
const PLACE_WIDTHS = [92, 96, 128] as const;

interface RecordsTableProps {
  /** The newest first. */
  rows: readonly LiveRow[];
  fields: readonly Field[];
  onOpen: (row: LiveRow) => void;
}

/**
 * The records as a table of which only the rows in sight are drawn.
 *
 * Who scrolls down reads: the rows then stand still until the top is in sight again.
 */
export function RecordsTable({ rows, fields, onOpen }: RecordsTableProps) {
  const viewport = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const [held, setHeld] = useState<readonly LiveRow[]>();

  const shown = held ?? rows;
  const first = Math.max(0, Math.floor(top / ROW_HEIGHT) - OVERSCAN_ROWS);
  const visible = shown.slice(first, first + VIEWPORT_ROWS + 2 * OVERSCAN_ROWS);
  const below = shown.length - first - visible.length;
  const isBehind = held !== undefined && held[0]?.key !== rows[0]?.key;
  const scroll = () => {
    const { scrollTop } = viewport.current ?? { scrollTop: 0 };
    setTop(scrollTop);
    setHeld((before) => (scrollTop <= 0 ? undefined : (before ?? rows)));
  };
  const toTop = () => {
    if (viewport.current !== null) viewport.current.scrollTop = 0;
    setTop(0);
    setHeld(undefined);
  };
  return (
    <div className={styles.frame}>
      {isBehind && (
        <Button
          className={styles.newer}
          icon={<ArrowUpIcon />}
          intent="primary"
          onClick={toTop}
          size="small"
          text="Newer records"
        />
      )}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must scroll by keyboard */}
      <div className={styles.viewport} onScroll={scroll} ref={viewport} tabIndex={0}>
        <table
          aria-label="Records"
          aria-rowcount={shown.length + 1}
          className={styles.table}
          style={{ minWidth: totalWidth(fields) }}
        >
          <Columns fields={fields} />
          <Head fields={fields} />
          <tbody>
            <Spacer columns={fields.length} rows={first} />
            {visible.map((row, index) => (
              <Row
                fields={fields}
                key={row.key}
                onOpen={onOpen}
                position={first + index + 2}
                row={row}
              />
            ))}
            <Spacer columns={fields.length} rows={below} />
          </tbody>
        </table>
      </div>
    </div>
  );
}

interface RowProps {
  row: LiveRow;
  fields: readonly Field[];
  position: number;
  onOpen: (row: LiveRow) => void;
}

function Row({ row, fields, position, onOpen }: RowProps) {
  const { partition, offset, time, value } = row;
  return (
    <tr aria-rowindex={position}>
      <td className={styles.place}>{partition}</td>
      <td className={styles.place}>
        <button
          aria-label={`Open record ${offset} of partition ${partition}`}
          className={styles.open}
          onClick={() => onOpen(row)}
          type="button"
        >
          {offset}
        </button>
      </td>
      <td className={styles.place}>
        <time dateTime={time} title={time}>
          {recordTime(time)}
        </time>
      </td>
      {fields.map((field) => (
        <Cell field={field} key={field.name} value={value[field.name]} />
      ))}
    </tr>
  );
}

function Cell({ field, value }: { field: Field; value: unknown }) {
  if (value === null || value === undefined) return <td className={styles.none}>null</td>;
  return (
    <td className={isRightAligned(field) ? styles.number : undefined}>{cellText(field, value)}</td>
  );
}

function Head({ fields }: { fields: readonly Field[] }) {
  return (
    <thead>
      <tr aria-rowindex={1}>
        <th scope="col">Partition</th>
        <th scope="col">Offset</th>
        <th scope="col">Time</th>
        {fields.map((field) => (
          <th
            className={isRightAligned(field) ? styles.number : undefined}
            key={field.name}
            scope="col"
            title={`${field.name}: ${field.schema.dataType.type}`}
          >
            {field.name}
          </th>
        ))}
      </tr>
    </thead>
  );
}

function Columns({ fields }: { fields: readonly Field[] }) {
  return (
    <colgroup>
      {PLACE_WIDTHS.map((width) => (
        <col key={width} style={{ width }} />
      ))}
      {fields.map((field, index) => (
        // The last takes what is left, so that the table fills the window.
        <col
          key={field.name}
          style={index === fields.length - 1 ? {} : { width: widthOf(field) }}
        />
      ))}
    </colgroup>
  );
}

function Spacer({ rows, columns }: { rows: number; columns: number }) {
  if (rows <= 0) return null;
  return (
    <tr className={styles.spacer}>
      <td colSpan={columns + PLACE_WIDTHS.length} style={{ height: rows * ROW_HEIGHT }} />
    </tr>
  );
}

function totalWidth(fields: readonly Field[]): number {
  const widths = [...PLACE_WIDTHS, ...fields.map(widthOf)];
  return widths.reduce((sum, width) => sum + width, 0);
}
