import { Button, Callout } from "@blueprintjs/core";
import { FolderOpenIcon, PlusIcon } from "@blueprintjs/icons";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { ButtonLink } from "@/components/button-link";
import { Empty } from "@/components/empty";
import { Failed } from "@/components/failed";
import { Loading } from "@/components/loading";
import { PageHeader } from "@/components/page";
import { Problem } from "@/components/problem";
import { Table } from "@/components/table";
import { Trail } from "@/components/trail";
import { useApi } from "@/lib/api";
import { newStreamPath } from "@/lib/paths";
import { useLocated } from "@/lib/resources";
import { mayEdit, ownRoleQuery } from "@/lib/roles";
import { NewMenu } from "./new-menu";
import { ResourceMenu } from "./resource-menu";
import { ResourceRow } from "./resource-row";
import styles from "./resource-table.module.css";
import { Searchable } from "./search";
import { useRestore } from "./use-changes";
import { isProject, type Resource, useChildren } from "./use-folder";
import { useKinds } from "./use-kinds";

interface FolderBrowserProps {
  rid: string;
  /** The button "Share" with its panel, for one with that role. */
  share: (roleId: string | null) => ReactNode;
}

/** What lies in a project or folder. */
export function FolderBrowser({ rid, share }: FolderBrowserProps) {
  const located = useLocated(rid);
  const role = useQuery(ownRoleQuery(useApi(), rid));

  if (located.isPending) return <Loading what="the folder" />;
  if (located.isError) return <Failed error={located.error} isPage retry={located.refetch} />;
  if (role.isPending) return <Loading what="the folder" />;
  if (role.isError) return <Failed error={role.error} isPage retry={role.refetch} />;

  const { resource: folder, ancestors } = located.data;
  const isUsed = folder.trashStatus === "NOT_TRASHED";
  const isWritable = isUsed && mayEdit(role.data);
  return (
    <>
      <PageHeader
        actions={
          <>
            {share(role.data)}
            {isWritable && <NewMenu folderRid={rid} />}
          </>
        }
        breadcrumbs={<Trail folders={ancestors} />}
        description={folder.description ?? undefined}
        menu={
          mayChange(folder, role.data) && (
            <ResourceMenu isDisabled={!isUsed} label="Actions" resource={folder} />
          )
        }
        title={folder.displayName}
      />
      <TrashNotice folder={folder} mayRestore={mayChange(folder, role.data)} />
      <Searchable folderRid={rid} placeholder="Search here and in folders below">
        <Children isWritable={isWritable} rid={rid} />
      </Searchable>
    </>
  );
}

function Children({ rid, isWritable }: { rid: string; isWritable: boolean }) {
  const children = useChildren(rid);
  const kindOf = useKinds(children.data ?? []);

  if (children.isPending) return <Loading what="its content" />;
  if (children.isError) return <Failed error={children.error} retry={children.refetch} />;
  if (children.data.length === 0) {
    return (
      <Empty
        action={
          isWritable && (
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
        {isWritable
          ? "Create a stream to push records to, or a folder to put streams in."
          : "Editors create streams and folders here."}
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
        <ResourceRow hasMenu={isWritable} key={child.rid} kind={kindOf(child)} resource={child} />
      ))}
    </Table>
  );
}

/** Says that the folder lies in the trash; nothing where it does not. */
function TrashNotice({ folder, mayRestore }: { folder: Resource; mayRestore: boolean }) {
  const restore = useRestore();
  if (folder.trashStatus === "NOT_TRASHED") return null;
  const kind = isProject(folder) ? "project" : "folder";
  const isItself = folder.trashStatus === "DIRECTLY_TRASHED";
  return (
    <div className={styles.notice}>
      <Callout intent="warning">
        <div className={styles.noticeRow}>
          <span>
            {isItself ? `This ${kind} is in the trash` : "A folder above is in the trash"}: nothing
            can be pushed to its streams until it is restored.
          </span>
          {isItself && mayRestore && (
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

/** A project is everybody's who works in it: only owners rename it or put it in the trash. */
function mayChange(folder: Resource, roleId: string | null): boolean {
  return isProject(folder) ? roleId === "owner" : mayEdit(roleId);
}

function Actions() {
  return <span className="visually-hidden">Actions</span>;
}
