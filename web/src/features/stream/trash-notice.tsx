import { Button, Callout } from "@blueprintjs/core";
import { Problem } from "@/components/problem";
import styles from "./stream-page.module.css";
import { useTrashStream } from "./use-stream";
import type { StreamDescription } from "./wire";

/** Says that the stream lies in the trash; nothing where it does not. */
export function TrashNotice({ description }: { description: StreamDescription }) {
  const restore = useTrashStream(description.datasetRid);
  if (description.trashStatus === "NOT_TRASHED") return null;
  const isItself = description.trashStatus === "DIRECTLY_TRASHED";
  return (
    <div className={styles.notice}>
      <Callout intent="warning">
        <div className={styles.noticeRow}>
          <span>
            {isItself ? "This stream is in the trash" : "A folder above is in the trash"}: nothing
            can be pushed until it is restored.
          </span>
          {isItself && (
            <Button
              loading={restore.isPending}
              onClick={() => restore.mutate("restore")}
              text="Restore"
            />
          )}
        </div>
        <Problem error={restore.error} />
      </Callout>
    </div>
  );
}
