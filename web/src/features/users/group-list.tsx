import { Button } from "@blueprintjs/core";
import { PeopleIcon, PlusIcon } from "@blueprintjs/icons";
import { useState } from "react";
import { Card } from "@/components/card";
import { ConfirmDialog } from "@/components/confirm-dialog";
import { Empty } from "@/components/empty";
import { Failed } from "@/components/failed";
import { Loading } from "@/components/loading";
import { Table } from "@/components/table";
import { CreateGroupDialog } from "./create-group-dialog";
import { MembersDrawer } from "./members-drawer";
import { type Group, useDeleteGroup, useGroups } from "./use-groups";
import styles from "./users.module.css";

/** All groups, with their members. */
export function GroupList() {
  const [isCreating, setIsCreating] = useState(false);
  const create = (
    <Button
      icon={<PlusIcon />}
      intent="primary"
      onClick={() => setIsCreating(true)}
      text="Create group"
    />
  );
  return (
    <Card>
      <div className={styles.tools}>
        <span className={styles.hint}>Share with a group to share with all of its members.</span>
        {create}
      </div>
      <Groups />
      <CreateGroupDialog isOpen={isCreating} onClose={() => setIsCreating(false)} />
    </Card>
  );
}

function Groups() {
  const groups = useGroups();
  const [open, setOpen] = useState<Group>();

  if (groups.isPending) return <Loading what="groups" />;
  if (groups.isError) return <Failed error={groups.error} retry={groups.refetch} />;
  if (groups.data.length === 0) {
    return (
      <Empty icon={<PeopleIcon size={20} />} title="No groups yet">
        Create one for people who should have the same access, such as a team.
      </Empty>
    );
  }

  const actions = (
    <span className="visually-hidden" key="actions">
      Actions
    </span>
  );
  return (
    <>
      <Table head={["Group", actions]} label="Groups">
        {groups.data.map((group) => (
          <Row group={group} key={group.id} onOpen={() => setOpen(group)} />
        ))}
      </Table>
      {open !== undefined && <MembersDrawer group={open} onClose={() => setOpen(undefined)} />}
    </>
  );
}

function Row({ group, onOpen }: { group: Group; onOpen: () => void }) {
  const [isAsking, setIsAsking] = useState(false);
  const remove = useDeleteGroup();
  return (
    <tr>
      <td>
        <div className={styles.name}>{group.name}</div>
        {group.description && <div className={styles.details}>{group.description}</div>}
      </td>
      <td>
        <div className={styles.buttons}>
          <Button
            aria-label={`Members of ${group.name}`}
            onClick={onOpen}
            size="small"
            text="Members"
          />
          <Button
            aria-label={`Delete ${group.name}`}
            intent="danger"
            onClick={() => setIsAsking(true)}
            size="small"
            text="Delete"
            variant="minimal"
          />
        </div>
        <ConfirmDialog
          confirmLabel="Delete"
          error={remove.error}
          isOpen={isAsking}
          isPending={remove.isPending}
          onClose={() => setIsAsking(false)}
          onConfirm={() => remove.mutate(group.id, { onSuccess: () => setIsAsking(false) })}
          title={`Delete ${group.name}?`}
        >
          Its members stay, but lose what they may do only through this group.
        </ConfirmDialog>
      </td>
    </tr>
  );
}
