import { FolderCloseIcon, ProjectsIcon, PulseIcon, ThIcon } from "@blueprintjs/icons";
import { Link } from "@tanstack/react-router";
import { streamPath } from "@/lib/paths";
import styles from "./resource-table.module.css";
import { isFolder, type Resource } from "./use-folder";
import type { Kind } from "./use-kinds";

interface ResourceLinkProps {
  resource: Resource;
  /** Not known yet if it is not there. */
  kind: Kind | undefined;
}

/** A resource's name with the sign of its kind, leading to its page. */
export function ResourceLink({ resource, kind }: ResourceLinkProps) {
  return (
    <div className={styles.name}>
      <KindIcon kind={kind} />
      {isFolder(resource) ? (
        <Link params={{ rid: resource.rid }} to="/projects/$rid">
          {resource.displayName}
        </Link>
      ) : kind === "Dataset" ? (
        <Link params={{ rid: resource.rid }} to="/datasets/$rid">
          {resource.displayName}
        </Link>
      ) : (
        // The page of a stream leads on to that of a dataset.
        <Link to={streamPath(resource.rid)}>{resource.displayName}</Link>
      )}
    </div>
  );
}

function KindIcon({ kind }: { kind: Kind | undefined }) {
  switch (kind) {
    case "Project":
      return <ProjectsIcon aria-hidden="true" className={styles.folderIcon} />;
    case "Folder":
      return <FolderCloseIcon aria-hidden="true" className={styles.folderIcon} />;
    case "Dataset":
      return <ThIcon aria-hidden="true" className={styles.streamIcon} />;
    case "Stream":
      return <PulseIcon aria-hidden="true" className={styles.streamIcon} />;
    default:
      return <span className={styles.noIcon} />;
  }
}
