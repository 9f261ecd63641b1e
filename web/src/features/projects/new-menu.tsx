import { Menu, MenuItem } from "@blueprintjs/core";
import { FolderNewIcon, PlusIcon, PulseIcon } from "@blueprintjs/icons";
import { useState } from "react";
import { MenuLink } from "@/components/button-link";
import { MenuButton } from "@/components/menu-button";
import { newStreamPath } from "@/lib/paths";
import { NameDialog } from "./name-dialog";
import { useCreateFolder } from "./use-folder";

/** The button "+ New" of a project or folder. */
export function NewMenu({ folderRid }: { folderRid: string }) {
  const [isNaming, setIsNaming] = useState(false);
  const createFolder = useCreateFolder(folderRid);
  return (
    <>
      <MenuButton
        icon={<PlusIcon />}
        intent="primary"
        menu={
          <Menu aria-label="New">
            <MenuLink icon={<PulseIcon />} text="Stream" to={newStreamPath(folderRid)} />
            <MenuItem icon={<FolderNewIcon />} onClick={() => setIsNaming(true)} text="Folder" />
          </Menu>
        }
        text="New"
      />
      <NameDialog
        isOpen={isNaming}
        mutation={createFolder}
        onClose={() => setIsNaming(false)}
        submitLabel="Create folder"
        title="New folder"
      />
    </>
  );
}
