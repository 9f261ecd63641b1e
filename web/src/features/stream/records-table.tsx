import { Button } from "@blueprintjs/core";
import { ArrowUpIcon } from "@blueprintjs/icons";
import { useRef, useState } from "react";
import {
  HeadCell,
  OpenCell,
  PlaceCell,
  ValueCell,
  WindowedTable,
} from "@/components/windowed-table";
import type { Schema } from "@/lib/api";
import { cellText, isRightAligned, recordTime, widthOf } from "./cells";
import type { LiveRow } from "./live-rows";
import styles from "./records-table.module.css";

type Field = Schema<"Field">;

const PLACE_WIDTHS = [92, 96, 128] as const;

interface RecordsTableProps {
  /** The newest first. */
  rows: readonly LiveRow[];
  fields: readonly Field[];
  onOpen: (row: LiveRow) => void;
}

/** The newest records. Who scrolls down reads: they then stand still until the top is in sight. */
export function RecordsTable({ rows, fields, onOpen }: RecordsTableProps) {
  const viewport = useRef<HTMLDivElement>(null);
  const [held, setHeld] = useState<readonly LiveRow[]>();

  const shown = held ?? rows;
  const isBehind = held !== undefined && held[0]?.key !== rows[0]?.key;
  const toTop = () => {
    if (viewport.current !== null) viewport.current.scrollTop = 0;
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
      <WindowedTable
        count={shown.length}
        head={<Head fields={fields} />}
        label="Records"
        onScroll={(top) => setHeld((before) => (top <= 0 ? undefined : (before ?? rows)))}
        row={(index) => {
          const row = shown[index] as LiveRow;
          return { key: row.key, cells: <Cells fields={fields} onOpen={onOpen} row={row} /> };
        }}
        viewport={viewport}
        widths={[...PLACE_WIDTHS, ...fields.map(widthOf)]}
      />
    </div>
  );
}

interface CellsProps {
  row: LiveRow;
  fields: readonly Field[];
  onOpen: (row: LiveRow) => void;
}

function Cells({ row, fields, onOpen }: CellsProps) {
  const { partition, offset, time, value } = row;
  return (
    <>
      <PlaceCell>{partition}</PlaceCell>
      <OpenCell
        label={`Open record ${offset} of partition ${partition}`}
        onOpen={() => onOpen(row)}
      >
        {offset}
      </OpenCell>
      <PlaceCell>
        <time dateTime={time} title={time}>
          {recordTime(time)}
        </time>
      </PlaceCell>
      {fields.map((field) => {
        const found = value[field.name];
        const isNone = found === null || found === undefined;
        return (
          <ValueCell
            isNumber={isRightAligned(field)}
            key={field.name}
            text={isNone ? null : cellText(field, found)}
          />
        );
      })}
    </>
  );
}

function Head({ fields }: { fields: readonly Field[] }) {
  return (
    <>
      <HeadCell>Partition</HeadCell>
      <HeadCell>Offset</HeadCell>
      <HeadCell>Time</HeadCell>
      {fields.map((field) => (
        <HeadCell
          isNumber={isRightAligned(field)}
          key={field.name}
          title={`${field.name}: ${field.schema.dataType.type}`}
        >
          {field.name}
        </HeadCell>
      ))}
    </>
  );
}
