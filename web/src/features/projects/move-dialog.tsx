import { Button } from "@blueprintjs/core";
import { ChevronRightIcon, FolderCloseIcon, ProjectsIcon } from "@blueprintjs/icons";
import { useState } from "react";
import { Failed } from "@/components/failed";
import { FormDialog } from "@/components/form-dialog";
import { Loading } from "@/components/loading";
import { useNotify } from "@/components/notices";
import { useLocated } from "@/lib/resources";
import styles from "./move-dialog.module.css";
import { useReplaceResource } from "./use-changes";
import { isFolder, type Resource, useChildren } from "./use-folder";
import { useProjects } from "./use-projects";

interface MoveDialogProps {
  resource: Pick<Resource, "rid" | "displayName" | "parentFolderRid">;
  onClose: () => void;
}

/** Asks where a folder or stream is to lie, walking through projects and folders. */
export function MoveDialog({ resource, onClose }: MoveDialogProps) {
  const [at, setAt] = useState<string | undefined>(resource.parentFolderRid);
  const located = useLocated(at);
  const replace = useReplaceResource(resource.rid);
  const notify = useNotify();
  const way = located.data ? [...located.data.ancestors, located.data.resource] : [];
  const here = way.at(-1);
  const isElsewhere = at !== undefined && at !== resource.parentFolderRid;

  const go = (rid: string | undefined) => {
    replace.reset();
    setAt(rid);
  };
  const submit = () => {
    if (at === undefined) return;
    replace.mutate(
      { displayName: resource.displayName, parentFolderRid: at },
      {
        onSuccess: () => {
          notify({ message: `${resource.displayName} is in ${here?.displayName} now.` });
          onClose();
        },
      },
    );
  };
  return (
    <FormDialog
      error={replace.error ?? located.error}
      isOpen
      isPending={replace.isPending}
      isReady={isElsewhere && here !== undefined}
      onClose={onClose}
      onSubmit={submit}
      submitLabel={here === undefined ? "Move here" : `Move to ${here.displayName}`}
      title={`Move ${resource.displayName}`}
    >
      <div className={styles.box}>
        <nav aria-label="Way" className={styles.way}>
          <Button onClick={() => go(undefined)} size="small" text="Projects" variant="minimal" />
          {way.map((folder) => (
            <span className={styles.step} key={folder.rid}>
              <ChevronRightIcon aria-hidden="true" className={styles.chevron} size={12} />
              <Button
                aria-current={folder.rid === at ? "location" : undefined}
                onClick={() => go(folder.rid)}
                size="small"
                text={folder.displayName}
                variant="minimal"
              />
            </span>
          ))}
        </nav>
        {at === undefined ? (
          <Projects onOpen={go} />
        ) : (
          <Folders moved={resource.rid} onOpen={go} rid={at} />
        )}
      </div>
      <p className={styles.hint}>
        Its ID stays, and so do roles that were granted on {resource.displayName} itself. Roles from
        the old place end, those of the new place begin.
      </p>
    </FormDialog>
  );
}

function Projects({ onOpen }: { onOpen: (rid: string) => void }) {
  const projects = useProjects();
  if (projects.isPending) return <Loading what="projects" />;
  if (projects.isError) return <Failed error={projects.error} retry={projects.refetch} />;
  return <Places isProjects label="Projects" onOpen={onOpen} places={projects.data} />;
}

interface FoldersProps {
  rid: string;
  /** Is not offered: nothing moves into itself. */
  moved: string;
  onOpen: (rid: string) => void;
}

function Folders({ rid, moved, onOpen }: FoldersProps) {
  const children = useChildren(rid);
  if (children.isPending) return <Loading what="folders" />;
  if (children.isError) return <Failed error={children.error} retry={children.refetch} />;
  const folders = children.data.filter((child) => isFolder(child) && child.rid !== moved);
  return <Places label="Folders" onOpen={onOpen} places={folders} />;
}

interface PlacesProps {
  label: string;
  places: readonly Resource[];
  isProjects?: boolean;
  onOpen: (rid: string) => void;
}

function Places({ label, places, isProjects = false, onOpen }: PlacesProps) {
  if (places.length === 0) return <p className={styles.none}>No folders in here.</p>;
  const Icon = isProjects ? ProjectsIcon : FolderCloseIcon;
  return (
    <ul aria-label={label} className={styles.places}>
      {places.map((place) => (
        <li key={place.rid}>
          <Button
            alignText="start"
            endIcon={<ChevronRightIcon className={styles.chevron} />}
            fill
            icon={<Icon className={styles.chevron} />}
            onClick={() => onOpen(place.rid)}
            text={place.displayName}
            variant="minimal"
          />
        </li>
      ))}
    </ul>
  );
}
