import { Tab, Tabs } from "@blueprintjs/core";
import { Card } from "@/components/card";
import { Empty } from "@/components/empty";
import { PageHeader } from "@/components/page";
import { useUser } from "@/lib/session";
import { GroupList } from "./group-list";
import { UserList } from "./user-list";
import styles from "./users.module.css";

/** Users and groups, for administrators. */
export function UsersAndGroups() {
  const { isAdmin } = useUser();
  return (
    <>
      <PageHeader
        description="Who may sign in here, and the groups that things are shared with."
        title="Users and groups"
      />
      {isAdmin ? (
        <Tabs className={styles.tabs} id="users-and-groups" renderActiveTabPanelOnly>
          <Tab id="users" panel={<UserList />} title="Users" />
          <Tab id="groups" panel={<GroupList />} title="Groups" />
        </Tabs>
      ) : (
        <Card>
          <Empty title="Only for administrators">Ask one if somebody needs an account.</Empty>
        </Card>
      )}
    </>
  );
}
