import { Button, HTMLSelect, Menu, MenuItem, PopoverNext } from "@blueprintjs/core";
import { CloudUploadIcon, GitBranchIcon, MoreIcon, TrashIcon } from "@blueprintjs/icons";
import { Link, useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { Breadcrumbs } from "@/components/breadcrumbs";
import { useNotify } from "@/components/notices";
import { PageHeader } from "@/components/page";
import { messageOf } from "@/lib/errors";
import styles from "./stream-page.module.css";
import { useLocationOf } from "./use-location";
import { useTrashStream } from "./use-stream";
import type { StreamDescription } from "./wire";

interface StreamHeaderProps {
  description: StreamDescription;
  onBranch: (branch: string) => void;
  share: ReactNode;
}

/** The stream's name and place, and what one does with it as a whole. */
export function StreamHeader({ description, onBranch, share }: StreamHeaderProps) {
  const navigate = useNavigate();
  const { branchName, datasetRid, name } = description;
  return (
    <PageHeader
      actions={
        <>
          <BranchSwitch description={description} onBranch={onBranch} />
          {share}
          <Button
            icon={<CloudUploadIcon />}
            intent="primary"
            onClick={() =>
              navigate({
                to: "/streams/$rid/connect",
                params: { rid: datasetRid },
                search: { branch: branchName },
              })
            }
            text="Push data"
          />
          <Actions description={description} />
        </>
      }
      breadcrumbs={<Way parentRid={description.parentFolderRid} />}
      description={description.description || undefined}
      title={name}
    />
  );
}

function Way({ parentRid }: { parentRid: string }) {
  const folders = useLocationOf(parentRid);
  return (
    <Breadcrumbs>
      {[
        <Link key="projects" to="/projects">
          Projects
        </Link>,
        ...(folders.data ?? []).map((folder) => (
          <Link key={folder.rid} params={{ rid: folder.rid }} to="/projects/$rid">
            {folder.displayName}
          </Link>
        )),
      ]}
    </Breadcrumbs>
  );
}

function BranchSwitch({ description, onBranch }: Omit<StreamHeaderProps, "share">) {
  if (description.branches.length < 2) return null;
  return (
    <span className={styles.branch}>
      <GitBranchIcon aria-hidden="true" />
      <HTMLSelect
        aria-label="Branch"
        onChange={(event) => onBranch(event.target.value)}
        options={description.branches}
        value={description.branchName}
      />
    </span>
  );
}

function Actions({ description }: { description: StreamDescription }) {
  const trash = useTrashStream(description.datasetRid);
  const notify = useNotify();
  const moveToTrash = () =>
    trash.mutate("trash", {
      onSuccess: () =>
        notify({
          message: `${description.name} is in the trash.`,
          action: { text: "Undo", onClick: () => trash.mutate("restore") },
        }),
      onError: (error) => notify({ message: messageOf(error), intent: "danger" }),
    });
  return (
    <PopoverNext
      content={
        <Menu aria-label="Actions">
          <MenuItem
            disabled={description.role === "viewer" || description.trashStatus !== "NOT_TRASHED"}
            icon={<TrashIcon />}
            intent="danger"
            onClick={moveToTrash}
            text="Move to trash"
          />
        </Menu>
      }
      placement="bottom-end"
    >
      <Button aria-label="Actions" icon={<MoreIcon />} />
    </PopoverNext>
  );
}
