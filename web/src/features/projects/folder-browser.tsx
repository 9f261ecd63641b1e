import { InputGroup } from "@blueprintjs/core";
import { FolderOpenIcon, PlusIcon, SearchIcon } from "@blueprintjs/icons";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { Breadcrumbs } from "@/components/breadcrumbs";
import { ButtonLink } from "@/components/button-link";
import { Card } from "@/components/card";
import { Empty } from "@/components/empty";
import { Failed } from "@/components/failed";
import { Loading } from "@/components/loading";
import { PageHeader } from "@/components/page";
import { Table } from "@/components/table";
import { newStreamPath } from "@/lib/paths";
import { NewMenu } from "./new-menu";
import { ResourceRow } from "./resource-row";
import styles from "./resource-table.module.css";
import { type Resource, useAncestors, useChildren, useResource } from "./use-folder";

/** What lies in a project or folder. */
export function FolderBrowser({ rid }: { rid: string }) {
  const folder = useResource(rid);

  if (folder.isPending) return <Loading what="the folder" />;
  if (folder.isError) return <Failed error={folder.error} isPage retry={folder.refetch} />;

  return (
    <>
      <PageHeader
        actions={<NewMenu folderRid={rid} />}
        breadcrumbs={<Way folder={folder.data} />}
        description={folder.data.description ?? undefined}
        title={folder.data.displayName}
      />
      <Card>
        <Children rid={rid} />
      </Card>
    </>
  );
}

function Way({ folder }: { folder: Resource }) {
  const ancestors = useAncestors(folder);
  return (
    <Breadcrumbs>
      {[
        <Link key="projects" to="/projects">
          Projects
        </Link>,
        ...(ancestors.data ?? []).map((ancestor) => (
          <Link key={ancestor.rid} params={{ rid: ancestor.rid }} to="/projects/$rid">
            {ancestor.displayName}
          </Link>
        )),
      ]}
    </Breadcrumbs>
  );
}

function Children({ rid }: { rid: string }) {
  const [filter, setFilter] = useState("");
  const children = useChildren(rid);

  if (children.isPending) return <Loading what="its content" />;
  if (children.isError) return <Failed error={children.error} retry={children.refetch} />;
  if (children.data.length === 0) {
    return (
      <Empty
        action={
          <ButtonLink
            icon={<PlusIcon />}
            intent="primary"
            text="Create a stream"
            to={newStreamPath(rid)}
          />
        }
        icon={<FolderOpenIcon size={20} />}
        title="Nothing here yet"
      >
        Create a stream to push records to, or a folder to put streams in.
      </Empty>
    );
  }

  const wanted = filter.trim().toLowerCase();
  const shown = children.data.filter((child) => child.displayName.toLowerCase().includes(wanted));
  return (
    <>
      <div className={styles.tools}>
        <InputGroup
          aria-label="Filter by name"
          className={styles.search}
          leftIcon={<SearchIcon />}
          onValueChange={setFilter}
          placeholder="Filter by name"
          type="search"
          value={filter}
        />
      </div>
      {shown.length === 0 ? (
        <Empty icon={<SearchIcon size={20} />} title={`No name contains “${filter.trim()}”`} />
      ) : (
        <Table
          className={styles.content}
          head={["Name", "Type", "Changed", <Actions key="actions" />]}
          label="Content of the folder"
        >
          {shown.map((child) => (
            <ResourceRow key={child.rid} resource={child} />
          ))}
        </Table>
      )}
    </>
  );
}

function Actions() {
  return <span className="visually-hidden">Actions</span>;
}
