import { Button } from "@blueprintjs/core";
import { useState } from "react";
import { Card } from "@/components/card";
import { ConfirmDialog } from "@/components/confirm-dialog";
import { useNotify } from "@/components/notices";
import styles from "./details.module.css";
import { useResetStream, useTrashStream } from "./use-stream";
import type { StreamDescription, StreamName } from "./wire";

interface DangerZoneProps {
  stream: StreamName;
  description: StreamDescription;
}

/** What cannot be taken back, or stops who pushes. */
export function DangerZone(props: DangerZoneProps) {
  const { role } = props.description;
  return (
    <Card isPadded>
      <section aria-label="Danger zone">
        <h2 className={styles.heading}>Danger zone</h2>
        {role === "viewer" ? (
          <p className={styles.muted}>Only editors and owners of the stream can do this.</p>
        ) : (
          <>
            <Reset {...props} />
            <Trash {...props} />
          </>
        )}
      </section>
    </Card>
  );
}

function Reset({ stream, description }: DangerZoneProps) {
  const [isAsking, setIsAsking] = useState(false);
  const reset = useResetStream(stream);
  const notify = useNotify();
  const close = () => {
    setIsAsking(false);
    reset.reset();
  };
  const done = () => {
    close();
    notify({ message: `${description.name} is empty now.`, intent: "success" });
  };
  return (
    <div className={styles.danger}>
      <p>
        <strong>Reset the stream</strong>
        Deletes all records of this branch for ever and begins a new view.
      </p>
      <Button
        disabled={description.trashStatus !== "NOT_TRASHED"}
        intent="danger"
        onClick={() => setIsAsking(true)}
        text="Reset stream"
        variant="outlined"
      />
      <ConfirmDialog
        confirmLabel="Reset"
        error={reset.error}
        isOpen={isAsking}
        isPending={reset.isPending}
        onClose={close}
        onConfirm={() => reset.mutate({}, { onSuccess: done })}
        title={`Reset ${description.name}?`}
        typed={description.name}
      >
        <p>All records on the branch {description.branchName} are deleted for ever.</p>
        <p>
          The stream gets a new view. Programs that push by the old view’s RID are refused; those
          that push by branch go on.
        </p>
      </ConfirmDialog>
    </div>
  );
}

function Trash({ description }: DangerZoneProps) {
  const [isAsking, setIsAsking] = useState(false);
  const trash = useTrashStream(description.datasetRid);
  return (
    <div className={styles.danger}>
      <p>
        <strong>Move to the trash</strong>
        Nothing can be pushed while it is there. It can be restored with all of its records.
      </p>
      <Button
        disabled={description.trashStatus !== "NOT_TRASHED"}
        intent="danger"
        onClick={() => setIsAsking(true)}
        text="Move to trash"
        variant="outlined"
      />
      <ConfirmDialog
        confirmLabel="Move to trash"
        error={trash.error}
        isOpen={isAsking}
        isPending={trash.isPending}
        onClose={() => setIsAsking(false)}
        onConfirm={() => trash.mutate("trash", { onSuccess: () => setIsAsking(false) })}
        title={`Move ${description.name} to the trash?`}
      >
        Programs that push to it are refused until it is restored. All branches go along.
      </ConfirmDialog>
    </div>
  );
}
