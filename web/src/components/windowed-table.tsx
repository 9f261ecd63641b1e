import { type ReactNode, type RefObject, useRef, useState } from "react";
import styles from "./windowed-table.module.css";

/** In pixels; the style sheet has the same. */
const ROW_HEIGHT = 30;
const VIEWPORT_ROWS = 24;
const OVERSCAN_ROWS = 6;

interface WindowedTableProps {
  /** The table's name for screen readers. */
  label: string;
  /** In pixels, of each column. */
  widths: readonly number[];
  /** Whether all columns take their share of what is left, and not the last one all of it. */
  isSpread?: boolean;
  /** The cells of the head, each a `<th>`. */
  head: ReactNode;
  /** How many rows there are. */
  count: number;
  /** A row's cells, and a key that stays the row's own. */
  row: (index: number) => { key: string | number; cells: ReactNode };
  /** What scrolls, for those who scroll it. */
  viewport?: RefObject<HTMLDivElement | null>;
  onScroll?: (top: number) => void;
}

/** A table of many rows, of which only those in sight are drawn. */
export function WindowedTable({ label, widths, head, count, row, ...props }: WindowedTableProps) {
  const own = useRef<HTMLDivElement>(null);
  const viewport = props.viewport ?? own;
  const [top, setTop] = useState(0);

  const first = Math.min(Math.max(0, Math.floor(top / ROW_HEIGHT) - OVERSCAN_ROWS), count);
  const shown = Math.min(count - first, VIEWPORT_ROWS + 2 * OVERSCAN_ROWS);
  const scroll = () => {
    const { scrollTop } = viewport.current ?? { scrollTop: 0 };
    setTop(scrollTop);
    props.onScroll?.(scrollTop);
  };
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must scroll by keyboard
    <div className={styles.viewport} onScroll={scroll} ref={viewport} tabIndex={0}>
      <table
        aria-label={label}
        aria-rowcount={count + 1}
        className={styles.table}
        style={{ minWidth: widths.reduce((sum, width) => sum + width, 0) }}
      >
        <colgroup>
          {widths.map((width, index) => (
            <col key={index} style={index < widths.length - 1 || props.isSpread ? { width } : {}} />
          ))}
        </colgroup>
        <thead>
          <tr aria-rowindex={1}>{head}</tr>
        </thead>
        <tbody>
          <Spacer columns={widths.length} rows={first} />
          {Array.from({ length: shown }, (_, place) => {
            const { key, cells } = row(first + place);
            return (
              <tr aria-rowindex={first + place + 2} key={key}>
                {cells}
              </tr>
            );
          })}
          <Spacer columns={widths.length} rows={count - first - shown} />
        </tbody>
      </table>
    </div>
  );
}

function Spacer({ rows, columns }: { rows: number; columns: number }) {
  if (rows <= 0) return null;
  return (
    <tr className={styles.spacer}>
      <td colSpan={columns} style={{ height: rows * ROW_HEIGHT }} />
    </tr>
  );
}

interface HeadCellProps {
  children: ReactNode;
  isNumber?: boolean;
  title?: string;
  "aria-sort"?: "ascending" | "descending" | "none";
}

/** The head of a column of a `WindowedTable`. */
export function HeadCell({ children, isNumber = false, ...cell }: HeadCellProps) {
  return (
    <th {...cell} className={isNumber ? styles.number : undefined} scope="col">
      {children}
    </th>
  );
}

/** A cell shows no more than this; who opens the row sees all. */
const CELL_LENGTH_MAX = 200;

/** A value in a `WindowedTable`; `null` is told from the text "null". */
export function ValueCell({ text, isNumber }: { text: string | null; isNumber: boolean }) {
  const alignment = isNumber ? styles.number : "";
  if (text === null) return <td className={`${styles.none} ${alignment}`}>null</td>;
  const cut = text.length > CELL_LENGTH_MAX ? `${text.slice(0, CELL_LENGTH_MAX)}…` : text;
  return <td className={alignment}>{cut}</td>;
}

/** The cell of a row's place, with the button that opens the row, wherever it is clicked. */
export function OpenCell(props: { label: string; onOpen: () => void; children: ReactNode }) {
  return (
    <td className={styles.place}>
      <button aria-label={props.label} className={styles.open} onClick={props.onOpen} type="button">
        {props.children}
      </button>
    </td>
  );
}

/** A cell that says where a row is from. */
export function PlaceCell({ children }: { children: ReactNode }) {
  return <td className={styles.place}>{children}</td>;
}
