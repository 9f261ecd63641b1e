import { Menu, MenuItem } from "@blueprintjs/core";
import { FolderNewIcon, PlusIcon, ProjectsIcon, PulseIcon, ThIcon } from "@blueprintjs/icons";
import { useState } from "react";
import { MenuLink } from "@/components/button-link";
import { MenuButton } from "@/components/menu-button";
import { newStreamPath } from "@/lib/paths";
import { NameDialog } from "./name-dialog";
import { NewProjectDialog } from "./new-project-dialog";
import { useCreateDataset, useCreateFolder } from "./use-changes";

/** The button "+ New" of a project or folder. */
export function NewMenu({ folderRid }: { folderRid: string }) {
  const [makes, setMakes] = useState<"dataset" | "folder" | "project">();
  const create = useCreateFolder(folderRid);
  const dataset = useCreateDataset(folderRid);
  const close = () => setMakes(undefined);
  return (
    <>
      <MenuButton
        icon={<PlusIcon />}
        intent="primary"
        menu={
          <Menu aria-label="New">
            <MenuLink icon={<PulseIcon />} text="Stream" to={newStreamPath(folderRid)} />
            <MenuItem
              icon={<ThIcon />}
              onClick={() => setMakes("dataset")}
              text="Dataset of files"
            />
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
      <NameDialog
        error={dataset.error}
        isOpen={makes === "dataset"}
        isPending={dataset.isPending}
        onClose={close}
        onReset={dataset.reset}
        onSubmit={(name, options) => dataset.mutate(name, options)}
        submitLabel="Create dataset"
        title="New dataset of files"
      />
      <NewProjectDialog isOpen={makes === "project"} onClose={close} />
    </>
  );
}
