import type { ReactNode } from "react";
import styles from "./table.module.css";

interface TableProps {
  /** The table's name for screen readers. */
  label: string;
  /** The column heads; an element for one that is only read out. */
  head: readonly ReactNode[];
  /** The rows, each a `<tr>`. */
  children: ReactNode;
  className?: string;
  /** Whether it must scroll by keyboard where it is too wide, since nothing in it takes the focus. */
  isFocusable?: boolean;
}

/** A plain table in the style of the pages; it scrolls sideways where it must. */
export function Table({ label, head, children, className = "", isFocusable }: TableProps) {
  return (
    <div className={styles.scroll} {...(isFocusable && { tabIndex: 0 })}>
      <table aria-label={label} className={`${styles.table} ${className}`}>
        <thead>
          <tr>
            {head.map((cell, index) => (
              <th key={index} scope="col">
                {cell}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}
