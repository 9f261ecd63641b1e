import { Button, InputGroup } from "@blueprintjs/core";
import { PlusIcon, SearchIcon } from "@blueprintjs/icons";
import { useState } from "react";
import { Card } from "@/components/card";
import { Empty } from "@/components/empty";
import { Failed } from "@/components/failed";
import { Loading } from "@/components/loading";
import { Table } from "@/components/table";
import { CreateUserDialog } from "./create-user-dialog";
import { fullNameOf, nameOf, type User, useUsers } from "./use-users";
import { UserRow } from "./user-row";
import styles from "./users.module.css";

/** All users, with what an administrator does about them. */
export function UserList() {
  const [isCreating, setIsCreating] = useState(false);
  const [filter, setFilter] = useState("");
  return (
    <Card>
      <div className={styles.tools}>
        <InputGroup
          aria-label="Filter users"
          className={styles.search}
          leftIcon={<SearchIcon />}
          onValueChange={setFilter}
          placeholder="Filter by name or e-mail address"
          type="search"
          value={filter}
        />
        <Button
          icon={<PlusIcon />}
          intent="primary"
          onClick={() => setIsCreating(true)}
          text="Create user"
        />
      </div>
      <Users filter={filter.trim().toLowerCase()} />
      <CreateUserDialog isOpen={isCreating} onClose={() => setIsCreating(false)} />
    </Card>
  );
}

function Users({ filter }: { filter: string }) {
  const users = useUsers();

  if (users.isPending) return <Loading what="users" />;
  if (users.isError) return <Failed error={users.error} retry={users.refetch} />;

  const shown = users.data.filter((user) => textOf(user).includes(filter));
  if (shown.length === 0) {
    return <Empty icon={<SearchIcon size={20} />} title={`Nobody is called “${filter}”`} />;
  }

  const actions = (
    <span className="visually-hidden" key="actions">
      Actions
    </span>
  );
  return (
    <div className={styles.table}>
      <Table head={["User", "Kind", "State", actions]} label="Users">
        {shown.map((user) => (
          <UserRow key={user.id} user={user} />
        ))}
      </Table>
    </div>
  );
}

function textOf(user: User): string {
  return [nameOf(user), user.username, fullNameOf(user), user.email ?? ""].join("\n").toLowerCase();
}
