import { AnchorButton, Button } from "@blueprintjs/core";
import { CloudUploadIcon, DocumentIcon, DownloadIcon, TrashIcon } from "@blueprintjs/icons";
import { useMemo, useState } from "react";
import { Card } from "@/components/card";
import { ConfirmDialog } from "@/components/confirm-dialog";
import { Empty } from "@/components/empty";
import { Failed } from "@/components/failed";
import { Loading } from "@/components/loading";
import { useNotify } from "@/components/notices";
import { Table } from "@/components/table";
import { Time } from "@/components/time";
import { isNamed, messageOf } from "@/lib/errors";
import { formatBytes, plural } from "@/lib/format";
import styles from "./dataset.module.css";
import { UploadDialog } from "./upload-dialog";
import {
  allOf,
  contentPath,
  type DatasetBranch,
  type DatasetFile,
  useDeleteFile,
  useFiles,
} from "./use-dataset";

interface FilesProps extends DatasetBranch {
  /** Whether files are added and deleted by hand. */
  isWritable: boolean;
  /** Why there are none, or why none may be added, where nothing is added by hand. */
  note?: string;
}

/** The files of a branch. */
export function Files({ rid, branch, isWritable, note }: FilesProps) {
  const found = useFiles({ rid, branch });
  const files = useMemo(() => allOf(found.data), [found.data]);
  const [isUploading, setIsUploading] = useState(false);
  const [deleted, setDeleted] = useState<DatasetFile>();

  if (found.isPending) return <Loading what="the files" />;
  if (isNamed(found.error, "DatasetReadNotSupported")) {
    return (
      <Card>
        <Empty icon={<DocumentIcon size={20} />} title="No files can be read">
          {messageOf(found.error)}
        </Empty>
      </Card>
    );
  }
  if (found.isError) return <Failed error={found.error} retry={found.refetch} />;
  const upload = (
    <Button
      icon={<CloudUploadIcon />}
      intent="primary"
      onClick={() => setIsUploading(true)}
      text="Upload files"
    />
  );
  const bytes = files.reduce((sum, { sizeBytes }) => sum + Number(sizeBytes), 0);
  return (
    <Card>
      {files.length === 0 ? (
        <Empty action={isWritable && upload} icon={<DocumentIcon size={20} />} title="No files yet">
          {isWritable ? "Upload them here, or with Palantir's client." : note}
        </Empty>
      ) : (
        <>
          <div className={styles.tools}>
            <p className={styles.count} role="status">
              {found.hasNextPage ? "The first " : ""}
              {plural(files.length, "file")}, {formatBytes(bytes)}
            </p>
            {isWritable && upload}
          </div>
          <Table head={["Path", "Size", "Changed", <Actions key="actions" />]} label="Files">
            {files.map((file) => (
              <tr key={file.path}>
                <td className={styles.path}>{file.path}</td>
                <td className={styles.size}>{formatBytes(Number(file.sizeBytes))}</td>
                <td>
                  <Time value={file.updatedTime} />
                </td>
                <td>
                  <span className={styles.actions}>
                    <AnchorButton
                      aria-label={`Download ${file.path}`}
                      download={file.path.split("/").at(-1)}
                      href={contentPath({ rid, branch }, file.path)}
                      icon={<DownloadIcon />}
                      role="link"
                      size="small"
                      variant="minimal"
                    />
                    {isWritable && (
                      <Button
                        aria-label={`Delete ${file.path}`}
                        icon={<TrashIcon />}
                        onClick={() => setDeleted(file)}
                        size="small"
                        variant="minimal"
                      />
                    )}
                  </span>
                </td>
              </tr>
            ))}
          </Table>
          {found.hasNextPage && (
            <div className={styles.more}>
              <Button
                loading={found.isFetchingNextPage}
                onClick={() => found.fetchNextPage()}
                text="Load more"
              />
            </div>
          )}
        </>
      )}
      {isUploading && (
        <UploadDialog branch={branch} onClose={() => setIsUploading(false)} rid={rid} />
      )}
      {deleted !== undefined && (
        <DeleteDialog
          branch={branch}
          onClose={() => setDeleted(undefined)}
          path={deleted.path}
          rid={rid}
        />
      )}
    </Card>
  );
}

interface DeleteDialogProps extends DatasetBranch {
  path: string;
  onClose: () => void;
}

function DeleteDialog({ path, onClose, ...branch }: DeleteDialogProps) {
  const remove = useDeleteFile(branch);
  const notify = useNotify();
  const done = () => {
    onClose();
    notify({ message: `${path} is deleted.`, intent: "success" });
  };
  return (
    <ConfirmDialog
      confirmLabel="Delete"
      error={remove.error}
      isOpen
      isPending={remove.isPending}
      onClose={onClose}
      onConfirm={() => remove.mutate(path, { onSuccess: done })}
      title={`Delete ${path}?`}
    >
      Who reads the branch {branch.branch} no longer finds it. Its history keeps the file.
    </ConfirmDialog>
  );
}

function Actions() {
  return <span className="visually-hidden">Actions</span>;
}
