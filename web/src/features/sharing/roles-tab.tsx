import { Button, Callout } from "@blueprintjs/core";
import { useState } from "react";
import { Failed } from "@/components/failed";
import { Loading } from "@/components/loading";
import { useNotify } from "@/components/notices";
import { Problem } from "@/components/problem";
import { ROLES, type RoleInfo } from "@/lib/roles";
import { AccessList } from "./access-list";
import { PrincipalSearch } from "./principal-search";
import styles from "./share-panel.module.css";
import { type StagedRole, StagedRoles } from "./staged-roles";
import { type Access, DEFAULT_ROLE, useAccess, useSaveRoles } from "./use-sharing";

interface RolesTabProps {
  resourceRid: string;
  /** The roles that the person may give and take away. */
  offered: readonly RoleInfo[];
  suggestion: string;
  onSaved: () => void;
}

/** Who is to get a role, and who has one; nothing is done before "Save". */
export function RolesTab({ resourceRid, offered, suggestion, onSaved }: RolesTabProps) {
  const [staged, setStaged] = useState<readonly StagedRole[]>([]);
  const [changes, setChanges] = useState<ReadonlyMap<Access, string>>(new Map());
  const access = useAccess(resourceRid);
  const save = useSaveRoles(resourceRid);
  const notify = useNotify();

  const stage = (added: StagedRole) =>
    setStaged((old) => [...old.filter((one) => one.principal.id !== added.principal.id), added]);
  const submit = () => {
    const wanted = changesOf(staged, changes);
    save.mutate(wanted, {
      onSuccess: () => {
        notify({ message: "The roles are saved.", intent: "success", timeout: 2500 });
        onSaved();
      },
    });
  };
  return (
    <>
      <div className={styles.scroll}>
        <PrincipalSearch
          initial={suggestion}
          isStaged={(id) => staged.some((one) => one.principal.id === id)}
          onAdd={(principal) => stage({ principal, roleId: DEFAULT_ROLE })}
        />
        <StagedRoles
          onChange={stage}
          offered={offered}
          onDrop={(id) => setStaged((old) => old.filter((one) => one.principal.id !== id))}
          staged={staged}
        />
        <h3 className={styles.title}>Who has access</h3>
        {access.isPending && <Loading what="who has access" />}
        {access.isError && <Failed error={access.error} retry={access.refetch} />}
        {access.data !== undefined && (
          <AccessList
            changes={changes}
            list={access.data}
            offered={offered}
            onChange={(one, roleId) => setChanges((old) => changed(old, one, roleId))}
          />
        )}
        <Callout className={styles.roles} compact icon={false}>
          {ROLES.map((role) => (
            <div key={role.id}>
              <strong>{role.label}</strong> may {role.may}
            </div>
          ))}
          <div className={styles.more}>Each also may what stands below it.</div>
        </Callout>
      </div>
      <div className={styles.footer}>
        <Problem error={save.error} />
        <Button
          disabled={staged.length === 0 && changes.size === 0}
          fill
          intent="primary"
          loading={save.isPending}
          onClick={submit}
          text="Save"
        />
      </div>
    </>
  );
}

/** The role that an access is to become; back to what it is means no change. */
function changed(old: ReadonlyMap<Access, string>, access: Access, roleId: string) {
  const next = new Map(old);
  if (roleId === access.roleId) next.delete(access);
  else next.set(access, roleId);
  return next;
}

function changesOf(staged: readonly StagedRole[], changes: ReadonlyMap<Access, string>) {
  const changed = [...changes];
  return {
    add: [
      ...staged.map(({ principal, roleId }) => ({ principalId: principal.id, roleId })),
      ...changed
        .filter(([, roleId]) => roleId !== "")
        .map(([access, roleId]) => ({ principalId: access.principal.id, roleId })),
    ],
    remove: changed.map(([access]) => ({
      principalId: access.principal.id,
      roleId: access.roleId,
    })),
  };
}
