import { Menu, MenuItem } from "@blueprintjs/core";
import { FolderNewIcon, PlusIcon, ProjectsIcon, PulseIcon } from "@blueprintjs/icons";
import { useState } from "react";
import { MenuLink } from "@/components/button-link";
import { MenuButton } from "@/components/menu-button";
import { newStreamPath } from "@/lib/paths";
import { NameDialog } from "./name-dialog";
import { NewProjectDialog } from "./new-project-dialog";
import { useCreateFolder } from "./use-changes";

/** The button "+ New" of a project or folder. */
export function NewMenu({ folderRid }: { folderRid: string }) {
  const [makes, setMakes] = useState<"folder" | "project">();
  const create = useCreateFolder(folderRid);
  const close = () => setMakes(undefined);
  return (
    <>
      <MenuButton
        icon={<PlusIcon />}
        intent="primary"
        menu={
          <Menu aria-label="New">
            <MenuLink icon={<PulseIcon />} text="Stream" to={newStreamPath(folderRid)} />
            <MenuItem icon={<FolderNewIcon />} onClick={() => setMakes("folder")} text="Folder" />
            <MenuItem icon={<ProjectsIcon />} onClick={() => setMakes("project")} text="Project" />
          </Menu>
        }
        text="New"
      />
      <NameDialog
        error={create.error}
        isOpen={makes === "folder"}
        isPending={create.isPending}
        onClose={close}
        onReset={create.reset}
        onSubmit={(name, options) => create.mutate(name, options)}
        submitLabel="Create folder"
        title="New folder"
      />
      <NewProjectDialog isOpen={makes === "project"} onClose={close} />
    </>
  );
}
