import { Tab, Tabs } from "@blueprintjs/core";
import { SidePanel } from "@/components/side-panel";
import { rolesUpTo } from "@/lib/roles";
import { RolesTab } from "./roles-tab";
import styles from "./share-panel.module.css";

interface SharePanelProps {
  /** What is shared: a stream, folder or project. */
  resourceRid: string;
  /** The role of who shares it. */
  roleId: string | null | undefined;
  isOpen: boolean;
  onClose: () => void;
  /** What is searched for at first, such as the client id of an application. */
  suggestion?: string | undefined;
}

/** The panel on the right that says who may do what with a resource, and changes it. */
export function SharePanel({ resourceRid, roleId, isOpen, onClose, suggestion }: SharePanelProps) {
  return (
    <SidePanel isFilled isOpen={isOpen} onClose={onClose} title="Share">
      <Tabs className={styles.tabs} id="share" renderActiveTabPanelOnly>
        <Tab
          id="roles"
          panel={
            <RolesTab
              offered={rolesUpTo(roleId)}
              onSaved={onClose}
              resourceRid={resourceRid}
              suggestion={suggestion ?? ""}
            />
          }
          panelClassName={styles.panel ?? ""}
          title="Roles"
        />
      </Tabs>
    </SidePanel>
  );
}
