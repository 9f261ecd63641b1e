import { Button, Callout } from "@blueprintjs/core";
import { FolderOpenIcon, PlusIcon } from "@blueprintjs/icons";
import type { ReactNode } from "react";
import { ButtonLink } from "@/components/button-link";
import { Empty } from "@/components/empty";
import { Failed } from "@/components/failed";
import { Loading } from "@/components/loading";
import { PageHeader } from "@/components/page";
import { Problem } from "@/components/problem";
import { Table } from "@/components/table";
import { Trail } from "@/components/trail";
import { newStreamPath } from "@/lib/paths";
import { useLocated } from "@/lib/resources";
import { NewMenu } from "./new-menu";
import { ResourceMenu } from "./resource-menu";
import { ResourceRow } from "./resource-row";
import styles from "./resource-table.module.css";
import { Searchable } from "./search";
import { kindOf, useRestore } from "./use-changes";
import { type Resource, useChildren } from "./use-folder";

interface FolderBrowserProps {
  rid: string;
  /** The button "Share" with its panel. */
  share: ReactNode;
}

/** What lies in a project or folder. */
export function FolderBrowser({ rid, share }: FolderBrowserProps) {
  const located = useLocated(rid);

  if (located.isPending) return <Loading what="the folder" />;
  if (located.isError) return <Failed error={located.error} isPage retry={located.refetch} />;

  const { resource: folder, ancestors } = located.data;
  const isUsed = folder.trashStatus === "NOT_TRASHED";
  return (
    <>
      <PageHeader
        actions={
          <>
            {share}
            {isUsed && <NewMenu folderRid={rid} />}
            <ResourceMenu isDisabled={!isUsed} label="Actions" resource={folder} />
          </>
        }
        breadcrumbs={<Trail folders={ancestors} />}
        description={folder.description ?? undefined}
        title={folder.displayName}
      />
      <TrashNotice folder={folder} />
      <Searchable folderRid={rid} placeholder="Search here and in folders below">
        <Children isUsed={isUsed} rid={rid} />
      </Searchable>
    </>
  );
}

function Children({ rid, isUsed }: { rid: string; isUsed: boolean }) {
  const children = useChildren(rid);

  if (children.isPending) return <Loading what="its content" />;
  if (children.isError) return <Failed error={children.error} retry={children.refetch} />;
  if (children.data.length === 0) {
    return (
      <Empty
        action={
          isUsed && (
            <ButtonLink
              icon={<PlusIcon />}
              intent="primary"
              text="Create a stream"
              to={newStreamPath(rid)}
            />
          )
        }
        icon={<FolderOpenIcon size={20} />}
        title="Nothing here yet"
      >
        Create a stream to push records to, or a folder to put streams in.
      </Empty>
    );
  }
  return (
    <Table
      className={styles.content}
      head={["Name", "Type", "Changed", <Actions key="actions" />]}
      label="Content of the folder"
    >
      {children.data.map((child) => (
        <ResourceRow key={child.rid} resource={child} />
      ))}
    </Table>
  );
}

/** Says that the folder lies in the trash; nothing where it does not. */
function TrashNotice({ folder }: { folder: Resource }) {
  const restore = useRestore();
  if (folder.trashStatus === "NOT_TRASHED") return null;
  const kind = kindOf(folder).toLowerCase();
  const isItself = folder.trashStatus === "DIRECTLY_TRASHED";
  return (
    <div className={styles.notice}>
      <Callout intent="warning">
        <div className={styles.noticeRow}>
          <span>
            {isItself ? `This ${kind} is in the trash` : "A folder above is in the trash"}: nothing
            can be pushed to its streams until it is restored.
          </span>
          {isItself && (
            <Button
              loading={restore.isPending}
              onClick={() => restore.mutate(folder.rid)}
              text="Restore"
            />
          )}
        </div>
        <Problem error={restore.error} />
      </Callout>
    </div>
  );
}

function Actions() {
  return <span className="visually-hidden">Actions</span>;
}
