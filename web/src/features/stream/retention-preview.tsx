import { Callout } from "@blueprintjs/core";
import { Table } from "@/components/table";
import { formatBytes, formatNumber, formatTime, plural } from "@/lib/format";
import styles from "./details.module.css";
import { coldWords, hotWords, type Policy, type RetentionPreview } from "./retention";

interface RetentionPreviewProps {
  policy: Policy;
  preview: RetentionPreview;
  isArchived: boolean;
}

/** What a policy would let go if it were applied now. */
export function RetentionPreviewView({ policy, preview, isArchived }: RetentionPreviewProps) {
  const { deleted, trimmed, legalHold } = preview;
  return (
    <div className={styles.stacked}>
      <p>
        The log keeps records {hotWords(policy)}. They are kept {coldWords(policy)}.
      </p>
      <p>{deletedWords(preview)}</p>
      {deleted.records > 0 && (
        <>
          {legalHold !== null && (
            <Callout compact intent="warning">
              A legal hold is set: they go only after it is lifted.
            </Callout>
          )}
          <div className={styles.inset}>
            <Table
              head={["Partition", "Offsets", "Records"]}
              isFocusable
              label="What would be deleted"
            >
              {Object.entries(deleted.partitions).map(([partition, range]) => (
                <tr key={partition}>
                  <td>{partition}</td>
                  <td className={styles.number}>
                    {formatNumber(range.startOffset)} to {formatNumber(range.endOffset - 1)}
                  </td>
                  <td className={styles.number}>{formatNumber(range.records)}</td>
                </tr>
              ))}
            </Table>
          </div>
        </>
      )}
      {trimmed.records > 0 && isArchived && (
        <p>
          The log gives up {plural(trimmed.records, "record")}, about {formatBytes(trimmed.bytes)},
          which stay in the table.
        </p>
      )}
      <p className={styles.muted}>It is applied on schedule, and again as records grow older.</p>
    </div>
  );
}

function deletedWords({ deleted }: RetentionPreview): string {
  const { records, bytes, files, oldestTime, newestTime } = deleted;
  if (records === 0) return "Applied now, it deletes nothing.";
  const times =
    oldestTime !== null && newestTime !== null
      ? `, pushed ${formatTime(oldestTime)} to ${formatTime(newestTime)}`
      : "";
  const where = files > 0 ? ` in ${plural(files, "file")}` : "";
  return `Applied now, it deletes ${plural(records, "record")} for ever${times}: about ${formatBytes(bytes)}${where}.`;
}
