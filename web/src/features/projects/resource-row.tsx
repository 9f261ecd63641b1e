import { Menu, MenuItem } from "@blueprintjs/core";
import { EditIcon, FolderCloseIcon, MoreIcon, PulseIcon, TrashIcon } from "@blueprintjs/icons";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { MenuButton } from "@/components/menu-button";
import { useNotify } from "@/components/notices";
import { Time } from "@/components/time";
import { messageOf } from "@/lib/errors";
import { streamPath } from "@/lib/paths";
import { NameDialog } from "./name-dialog";
import styles from "./resource-table.module.css";
import { isFolder, type Resource, useRenameFolder, useRestore, useTrash } from "./use-folder";

/** One line of a folder's content. */
export function ResourceRow({ resource }: { resource: Resource }) {
  const kind = isFolder(resource) ? "Folder" : "Stream";
  return (
    <tr>
      <td>
        <div className={styles.name}>
          {isFolder(resource) ? (
            <>
              <FolderCloseIcon aria-hidden="true" className={styles.folderIcon} />
              <Link params={{ rid: resource.rid }} to="/projects/$rid">
                {resource.displayName}
              </Link>
            </>
          ) : (
            <>
              <PulseIcon aria-hidden="true" className={styles.streamIcon} />
              <Link to={streamPath(resource.rid)}>{resource.displayName}</Link>
            </>
          )}
        </div>
      </td>
      <td className={styles.kind}>{kind}</td>
      <td className={styles.when}>
        <Time value={resource.updatedTime} />
      </td>
      <td>
        <RowMenu resource={resource} />
      </td>
    </tr>
  );
}

function RowMenu({ resource }: { resource: Resource }) {
  const [isRenaming, setIsRenaming] = useState(false);
  const rename = useRenameFolder(resource);
  const moveToTrash = useMoveToTrash(resource);
  return (
    <>
      <MenuButton
        aria-label={`Actions for ${resource.displayName}`}
        icon={<MoreIcon />}
        menu={
          <Menu aria-label={`Actions for ${resource.displayName}`}>
            {isFolder(resource) && (
              <MenuItem icon={<EditIcon />} onClick={() => setIsRenaming(true)} text="Rename" />
            )}
            <MenuItem
              icon={<TrashIcon />}
              intent="danger"
              onClick={moveToTrash}
              text="Move to trash"
            />
          </Menu>
        }
        size="small"
        variant="minimal"
      />
      <NameDialog
        isOpen={isRenaming}
        mutation={rename}
        name={resource.displayName}
        onClose={() => setIsRenaming(false)}
        submitLabel="Rename"
        title={`Rename ${resource.displayName}`}
      />
    </>
  );
}

/** Moves at once and offers to undo: kinder than asking first. */
function useMoveToTrash(resource: Resource) {
  const trash = useTrash();
  const restore = useRestore();
  const notify = useNotify();
  const refused = (error: Error) => notify({ message: messageOf(error), intent: "danger" });
  const undo = () => restore.mutate(resource.rid, { onError: refused });
  const done = () =>
    notify({
      message: `${resource.displayName} is in the trash.`,
      action: { text: "Undo", onClick: undo },
    });
  return () => trash.mutateAsync(resource.rid).then(done, refused);
}
