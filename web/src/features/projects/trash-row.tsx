import { Button } from "@blueprintjs/core";
import { useState } from "react";
import { ConfirmDialog } from "@/components/confirm-dialog";
import { useNotify } from "@/components/notices";
import { Time } from "@/components/time";
import { messageOf } from "@/lib/errors";
import { ResourceLink } from "./resource-link";
import styles from "./resource-table.module.css";
import { placeOf } from "./search";
import { useDeletePermanently, useRestore } from "./use-changes";
import type { Trashed } from "./use-folder";
import type { Kind } from "./use-kinds";

interface TrashRowProps {
  trashed: Trashed;
  kind: Kind | undefined;
}

/** One resource in the trash. */
export function TrashRow({ trashed, kind }: TrashRowProps) {
  const { resource } = trashed;
  return (
    <tr>
      <td>
        <ResourceLink kind={kind} resource={resource} />
      </td>
      <td className={styles.kind}>{kind}</td>
      <td className={styles.place}>{placeOf(resource)}</td>
      <td className={styles.when}>
        <Time value={trashed.trashedTime} />
      </td>
      <td>
        <div className={styles.buttons}>
          {trashed.mayRestore && <Restore trashed={trashed} />}
          {trashed.mayDelete && <Delete kind={kind} trashed={trashed} />}
        </div>
      </td>
    </tr>
  );
}

function Restore({ trashed: { resource } }: { trashed: Trashed }) {
  const restore = useRestore();
  const notify = useNotify();
  const done = () => notify({ message: `${resource.displayName} is back.`, intent: "success" });
  const refused = (error: Error) => notify({ message: messageOf(error), intent: "danger" });
  return (
    <Button
      aria-label={`Restore ${resource.displayName}`}
      loading={restore.isPending}
      onClick={() => void restore.mutateAsync(resource.rid).then(done, refused)}
      size="small"
      text="Restore"
    />
  );
}

function Delete({ trashed: { resource }, kind }: TrashRowProps) {
  const [isAsking, setIsAsking] = useState(false);
  const remove = useDeletePermanently();
  const notify = useNotify();
  const close = () => {
    setIsAsking(false);
    remove.reset();
  };
  const submit = () =>
    void remove.mutateAsync(resource.rid).then(
      () => notify({ message: `${resource.displayName} is deleted for ever.` }),
      () => {
        // The dialog says it.
      },
    );
  return (
    <>
      <Button
        aria-label={`Delete permanently: ${resource.displayName}`}
        intent="danger"
        onClick={() => setIsAsking(true)}
        size="small"
        text="Delete permanently"
        variant="minimal"
      />
      <ConfirmDialog
        confirmLabel="Delete permanently"
        error={remove.error}
        isOpen={isAsking}
        isPending={remove.isPending}
        onClose={close}
        onConfirm={submit}
        title={`Delete ${resource.displayName} permanently?`}
        typed={resource.displayName}
      >
        {lossOf(kind)} This cannot be undone.
      </ConfirmDialog>
    </>
  );
}

/** What is gone with a resource. */
function lossOf(kind: Kind | undefined): string {
  switch (kind) {
    case "Stream":
      return "The stream, all its branches and all their records are gone for ever, and so are the roles granted on it.";
    case "Dataset":
      return "The dataset, all its branches and all their files are gone for ever, and so are the roles granted on it.";
    case undefined:
      return "It is gone for ever with all that it has, and so are the roles granted on it.";
    default:
      return "All that lies in it is deleted too: folders, streams with all their records, datasets with all their files, and the roles granted on them.";
  }
}
