import { Button, FileInput, InputGroup, ProgressBar } from "@blueprintjs/core";
import { useEffect, useState } from "react";
import { Field } from "@/components/field";
import { FormDialog } from "@/components/form-dialog";
import { useNotify } from "@/components/notices";
import { formatBytes, plural } from "@/lib/format";
import styles from "./dataset.module.css";
import type { DatasetBranch } from "./use-dataset";
import { type Upload, useUpload } from "./use-upload";

/** Uploads files from the computer, in one transaction. */
export function UploadDialog({ onClose, ...target }: DatasetBranch & { onClose: () => void }) {
  const [files, setFiles] = useState<readonly File[]>([]);
  const [folder, setFolder] = useState("");
  const { upload, begin, cancel } = useUpload(target);
  const notify = useNotify();
  const isRunning = upload.state === "running";

  useEffect(() => {
    if (upload.state !== "done") return;
    notify({ message: `${plural(upload.count, "file")} uploaded.`, intent: "success" });
    onClose();
  }, [upload.state]);

  const close = () => {
    cancel();
    onClose();
  };
  return (
    <FormDialog
      error={upload.state === "failed" ? upload.error : undefined}
      isOpen
      isPending={isRunning}
      isReady={files.length > 0}
      onClose={close}
      onSubmit={() => void begin(files, folder.trim())}
      submitLabel="Upload"
      title="Upload files"
    >
      <Field
        help="All of them are seen at once, or none. One that has the path of another takes its place."
        label="Files"
      >
        {({ intent: _, ...input }) => (
          <FileInput
            className={styles.chooser}
            fill
            hasSelection={files.length > 0}
            inputProps={{ ...input, multiple: true, disabled: isRunning }}
            onInputChange={(event) => setFiles([...(event.currentTarget.files ?? [])])}
            text={chosen(files)}
          />
        )}
      </Field>
      <Field isOptional label="Folder">
        {(input) => (
          <InputGroup
            {...input}
            disabled={isRunning}
            onValueChange={setFolder}
            placeholder="2026/11"
            value={folder}
          />
        )}
      </Field>
      {isRunning && <Progress onCancel={cancel} upload={upload} />}
    </FormDialog>
  );
}

interface ProgressProps {
  upload: Extract<Upload, { state: "running" }>;
  onCancel: () => void;
}

function Progress({ upload: { name, sentBytes, totalBytes }, onCancel }: ProgressProps) {
  return (
    <div className={styles.upload}>
      <p role="status">{name}</p>
      <ProgressBar aria-label="Sent" intent="primary" value={sentBytes / Math.max(1, totalBytes)} />
      <p className={styles.words}>
        {formatBytes(sentBytes)} of {formatBytes(totalBytes)}{" "}
        <Button onClick={onCancel} size="small" text="Stop" variant="minimal" />
      </p>
    </div>
  );
}

function chosen(files: readonly File[]): string {
  if (files.length === 0) return "Choose files…";
  return files.length === 1 ? (files[0]?.name ?? "") : plural(files.length, "file");
}
