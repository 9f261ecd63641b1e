import { FolderCloseIcon, ProjectsIcon, PulseIcon } from "@blueprintjs/icons";
import { Link } from "@tanstack/react-router";
import { streamPath } from "@/lib/paths";
import styles from "./resource-table.module.css";
import { kindOf } from "./use-changes";
import { isFolder, type Resource } from "./use-folder";

/** A resource's name with the sign of its kind, leading to its page. */
export function ResourceLink({ resource }: { resource: Resource }) {
  return (
    <div className={styles.name}>
      <KindIcon resource={resource} />
      {isFolder(resource) ? (
        <Link params={{ rid: resource.rid }} to="/projects/$rid">
          {resource.displayName}
        </Link>
      ) : (
        <Link to={streamPath(resource.rid)}>{resource.displayName}</Link>
      )}
    </div>
  );
}

/** The sign of a resource's kind. */
export function KindIcon({ resource }: { resource: Resource }) {
  const kind = kindOf(resource);
  if (kind === "Project") return <ProjectsIcon aria-hidden="true" className={styles.folderIcon} />;
  if (kind === "Folder") {
    return <FolderCloseIcon aria-hidden="true" className={styles.folderIcon} />;
  }
  return <PulseIcon aria-hidden="true" className={styles.streamIcon} />;
}
