import type { ReactNode } from "react";
import { Table } from "@/components/table";
import { formatNumber } from "@/lib/format";
import styles from "./metrics.module.css";
import type { Statistics } from "./wire";

interface PartitionTableProps extends Pick<Statistics, "partitions"> {
  /** Whether records are put into a table. */
  isArchived: boolean;
}

/** How the records are spread over the partitions, and how much of each is in the table. */
export function PartitionTable({ partitions, isArchived }: PartitionTableProps) {
  const all = partitions.reduce((sum, { records }) => sum + records, 0);
  return (
    <Table
      head={["Partition", "Records", "Share", "End offset", ...(isArchived ? ["Archived"] : [])]}
      label="Partitions"
    >
      {partitions.map(({ partition, records, endOffset, archivedThrough }) => {
        const share = all === 0 ? 0 : records / all;
        return (
          <tr key={partition}>
            <td>{partition}</td>
            <td>{formatNumber(records)}</td>
            <td>
              <Share value={share} />
            </td>
            <td>{formatNumber(endOffset)}</td>
            {isArchived && (
              <td>
                <Share value={endOffset === 0 ? 1 : archivedThrough / endOffset}>
                  to {formatNumber(archivedThrough)}
                </Share>
              </td>
            )}
          </tr>
        );
      })}
    </Table>
  );
}

/** A part of a whole, drawn; in words what is given, else its per cent. */
function Share({ value, children }: { value: number; children?: ReactNode }) {
  return (
    <span className={styles.share}>
      <span className={styles.track}>
        <span className={styles.fill} style={{ width: `${Math.min(1, value) * 100}%` }} />
      </span>
      <span>{children ?? `${(value * 100).toFixed(0)}%`}</span>
    </span>
  );
}
