import { Button, HTMLSelect } from "@blueprintjs/core";
import { CrossIcon } from "@blueprintjs/icons";
import { useState } from "react";
import { Failed } from "@/components/failed";
import { Loading } from "@/components/loading";
import { Problem } from "@/components/problem";
import { SidePanel } from "@/components/side-panel";
import { plural } from "@/lib/format";
import { type Group, type Member, useChangeMember, useGroups, useMembers } from "./use-groups";
import { fullNameOf, isService, nameOf, useUsers } from "./use-users";
import styles from "./users.module.css";

/** Who is in a group; puts in and takes out. */
export function MembersDrawer({ group, onClose }: { group: Group; onClose: () => void }) {
  return (
    <SidePanel isOpen onClose={onClose} title={`Members of ${group.name}`}>
      <Members group={group} />
    </SidePanel>
  );
}

function Members({ group }: { group: Group }) {
  const members = useMembers(group.id);
  const names = usePrincipals();
  const change = useChangeMember(group.id);

  if (members.isPending) return <Loading what="members" />;
  if (members.isError) return <Failed error={members.error} retry={members.refetch} />;

  const within = new Set(members.data.map((member) => member.principalId));
  within.add(group.id);
  const others = names.filter(({ id }) => !within.has(id));
  return (
    <div>
      <AddMember
        isPending={change.isPending}
        onAdd={(principalId) => change.mutate({ principalId, to: "add" })}
        others={others}
      />
      <Problem error={change.error} />
      <p className={styles.hint}>
        {members.data.length === 0 ? "Nobody is in it yet." : plural(members.data.length, "member")}
      </p>
      <ul aria-label={`Members of ${group.name}`} className={styles.memberList}>
        {members.data.map((member) => (
          <MemberItem
            key={member.principalId}
            label={names.find(({ id }) => id === member.principalId)?.label}
            member={member}
            onRemove={() => change.mutate({ principalId: member.principalId, to: "remove" })}
          />
        ))}
      </ul>
    </div>
  );
}

interface MemberItemProps {
  member: Member;
  label: string | undefined;
  onRemove: () => void;
}

function MemberItem({ member, label = member.principalId, onRemove }: MemberItemProps) {
  return (
    <li>
      <span>
        {label}
        {member.principalType === "GROUP" && <span className={styles.you}>group</span>}
      </span>
      <Button
        aria-label={`Remove ${label}`}
        icon={<CrossIcon />}
        onClick={onRemove}
        size="small"
        variant="minimal"
      />
    </li>
  );
}

interface AddMemberProps {
  others: readonly Principal[];
  isPending: boolean;
  onAdd: (principalId: string) => void;
}

function AddMember({ others, isPending, onAdd }: AddMemberProps) {
  const [chosen, setChosen] = useState("");
  const add = () => {
    onAdd(chosen);
    setChosen("");
  };
  return (
    <div className={styles.add}>
      <HTMLSelect
        aria-label="New member"
        fill
        onChange={(event) => setChosen(event.target.value)}
        value={chosen}
      >
        <option value="">Choose a user, group or application</option>
        {others.map(({ id, label }) => (
          <option key={id} value={id}>
            {label}
          </option>
        ))}
      </HTMLSelect>
      <Button
        disabled={chosen === ""}
        intent="primary"
        loading={isPending}
        onClick={add}
        text="Add"
      />
    </div>
  );
}

interface Principal {
  id: string;
  label: string;
}

function usePrincipals(): Principal[] {
  const users = useUsers().data ?? [];
  const groups = useGroups().data ?? [];
  return [
    ...users.map((user) => {
      const more = isService(user) ? "application" : fullNameOf(user);
      return { id: user.id, label: more === "" ? nameOf(user) : `${nameOf(user)} (${more})` };
    }),
    ...groups.map((group) => ({ id: group.id, label: `${group.name} (group)` })),
  ];
}
