import { type ButtonProps, Menu, MenuDivider, MenuItem } from "@blueprintjs/core";
import { EditIcon, FolderSharedOpenIcon, MoreIcon, TrashIcon } from "@blueprintjs/icons";
import { useState } from "react";
import { MenuButton } from "@/components/menu-button";
import { useNotify } from "@/components/notices";
import { messageOf } from "@/lib/errors";
import { MoveDialog } from "./move-dialog";
import { NameDialog } from "./name-dialog";
import { ProjectDialog } from "./project-dialog";
import { useReplaceProject, useReplaceResource, useRestore, useTrash } from "./use-changes";
import { isProject, type Resource } from "./use-folder";

/** What the menu must know of a resource. */
type Placed = Pick<Resource, "rid" | "displayName" | "parentFolderRid" | "projectRid"> &
  Partial<Pick<Resource, "description">>;

interface ResourceMenuProps extends Pick<ButtonProps, "size" | "variant"> {
  resource: Placed;
  /** Of the button and of its menu; the resource is named where several stand on one page. */
  label?: string;
  isDisabled?: boolean;
}

/** What is done with a project, folder or stream as a whole. */
export function ResourceMenu({ resource, label, isDisabled, ...button }: ResourceMenuProps) {
  const [asks, setAsks] = useState<"name" | "place">();
  const moveToTrash = useMoveToTrash(resource);
  const title = label ?? `Actions for ${resource.displayName}`;
  const ofProject = isProject(resource);
  const close = () => setAsks(undefined);
  return (
    <>
      <MenuButton
        {...button}
        aria-label={title}
        disabled={isDisabled ?? false}
        icon={<MoreIcon />}
        menu={
          <Menu aria-label={title}>
            <MenuItem
              icon={<EditIcon />}
              onClick={() => setAsks("name")}
              text={ofProject ? "Rename and describe" : "Rename"}
            />
            {!ofProject && (
              <MenuItem
                icon={<FolderSharedOpenIcon />}
                onClick={() => setAsks("place")}
                text="Move"
              />
            )}
            <MenuDivider />
            <MenuItem
              icon={<TrashIcon />}
              intent="danger"
              onClick={moveToTrash}
              text="Move to trash"
            />
          </Menu>
        }
      />
      {ofProject ? (
        <EditProject isOpen={asks === "name"} onClose={close} project={resource} />
      ) : (
        <Rename isOpen={asks === "name"} onClose={close} resource={resource} />
      )}
      {asks === "place" && <MoveDialog onClose={close} resource={resource} />}
    </>
  );
}

interface AskProps {
  isOpen: boolean;
  onClose: () => void;
}

function Rename({ resource, ...ask }: AskProps & { resource: Placed }) {
  const replace = useReplaceResource(resource.rid);
  return (
    <NameDialog
      {...ask}
      error={replace.error}
      isPending={replace.isPending}
      name={resource.displayName}
      onReset={replace.reset}
      onSubmit={(displayName, options) => replace.mutate({ displayName }, options)}
      submitLabel="Rename"
      title={`Rename ${resource.displayName}`}
    />
  );
}

function EditProject({ project, ...ask }: AskProps & { project: Placed }) {
  const replace = useReplaceProject(project.rid);
  return (
    <ProjectDialog
      {...ask}
      description={project.description ?? ""}
      error={replace.error}
      isPending={replace.isPending}
      name={project.displayName}
      onReset={replace.reset}
      onSubmit={(body, options) => replace.mutate(body, options)}
      submitLabel="Save"
      title={`Rename and describe ${project.displayName}`}
    />
  );
}

/** Moves at once and offers to undo: kinder than asking first. */
function useMoveToTrash(resource: Placed) {
  const trash = useTrash();
  const restore = useRestore();
  const notify = useNotify();
  const refused = (error: Error) => notify({ message: messageOf(error), intent: "danger" });
  const undo = () => restore.mutate(resource.rid, { onError: refused });
  const done = () =>
    notify({
      message: `${resource.displayName} is in the trash.`,
      action: { text: "Undo", onClick: undo },
    });
  return () => trash.mutateAsync(resource.rid).then(done, refused);
}
