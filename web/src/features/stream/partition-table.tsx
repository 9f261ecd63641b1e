import { Table } from "@/components/table";
import { formatNumber } from "@/lib/format";
import styles from "./metrics.module.css";
import type { Statistics } from "./wire";

/** How the records are spread over the partitions. */
export function PartitionTable({ partitions }: Pick<Statistics, "partitions">) {
  const all = partitions.reduce((sum, { records }) => sum + records, 0);
  return (
    <Table head={["Partition", "Records", "Share", "End offset"]} label="Partitions">
      {partitions.map(({ partition, records, endOffset }) => {
        const share = all === 0 ? 0 : records / all;
        return (
          <tr key={partition}>
            <td>{partition}</td>
            <td>{formatNumber(records)}</td>
            <td>
              <span className={styles.share}>
                <span className={styles.track}>
                  <span className={styles.fill} style={{ width: `${share * 100}%` }} />
                </span>
                {(share * 100).toFixed(0)}%
              </span>
            </td>
            <td>{formatNumber(endOffset)}</td>
          </tr>
        );
      })}
    </Table>
  );
}
