import { Button } from "@blueprintjs/core";
import { PlusIcon, ProjectsIcon, TrashIcon } from "@blueprintjs/icons";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { ButtonLink } from "@/components/button-link";
import { Empty } from "@/components/empty";
import { Failed } from "@/components/failed";
import { Loading } from "@/components/loading";
import { PageHeader } from "@/components/page";
import { Table } from "@/components/table";
import { Time } from "@/components/time";
import { useApi } from "@/lib/api";
import { ownRolesQuery } from "@/lib/roles";
import { NewProjectDialog } from "./new-project-dialog";
import { ResourceLink } from "./resource-link";
import { ResourceMenu } from "./resource-menu";
import styles from "./resource-table.module.css";
import { Searchable } from "./search";
import type { Resource } from "./use-folder";
import { useProjects } from "./use-projects";

/** All projects, each a link to what lies in it. */
export function ProjectList() {
  const [isCreating, setIsCreating] = useState(false);
  const create = (text: string) => (
    <Button icon={<PlusIcon />} intent="primary" onClick={() => setIsCreating(true)} text={text} />
  );
  return (
    <>
      <PageHeader
        actions={
          <>
            <ButtonLink icon={<TrashIcon />} text="Trash" to="/trash" />
            {create("New project")}
          </>
        }
        description="A project holds streams and folders, and says who may use them."
        title="Projects"
      />
      <Searchable placeholder="Search in all projects">
        <Projects create={create("Create your first project")} />
      </Searchable>
      <NewProjectDialog isOpen={isCreating} onClose={() => setIsCreating(false)} />
    </>
  );
}

function Projects({ create }: { create: React.ReactNode }) {
  const projects = useProjects();
  const roles = useQuery(ownRolesQuery(useApi(), projects.data?.map((one) => one.rid) ?? []));

  if (projects.isPending) return <Loading what="projects" />;
  if (projects.isError) return <Failed error={projects.error} retry={projects.refetch} />;
  if (projects.data.length === 0) {
    return (
      <Empty action={create} icon={<ProjectsIcon size={20} />} title="No projects yet">
        Create one to put your first stream in. Projects that others share with you appear here too.
      </Empty>
    );
  }

  const actions = (
    <span className="visually-hidden" key="actions">
      Actions
    </span>
  );
  return (
    <Table head={["Name", "Changed", actions]} label="Projects">
      {projects.data.map((project) => (
        <ProjectRow
          key={project.rid}
          mayChange={roles.data?.[project.rid] === "owner"}
          project={project}
        />
      ))}
    </Table>
  );
}

function ProjectRow({ project, mayChange }: { project: Resource; mayChange: boolean }) {
  return (
    <tr>
      <td>
        <ResourceLink kind="Project" resource={project} />
        {project.description && <div className={styles.description}>{project.description}</div>}
      </td>
      <td className={styles.when}>
        <Time value={project.updatedTime} />
      </td>
      <td>{mayChange && <ResourceMenu resource={project} size="small" variant="minimal" />}</td>
    </tr>
  );
}
