import { Button, HTMLSelect } from "@blueprintjs/core";
import { CrossIcon } from "@blueprintjs/icons";
import { useId } from "react";
import type { RoleInfo } from "@/lib/roles";
import { PrincipalLine } from "./principal-line";
import type { Principal } from "./principals";
import styles from "./share-panel.module.css";

export interface StagedRole {
  principal: Principal;
  roleId: string;
}

interface StagedRolesProps {
  staged: readonly StagedRole[];
  offered: readonly RoleInfo[];
  onChange: (role: StagedRole) => void;
  onDrop: (principalId: string) => void;
}

/** Those who get a role when the panel is saved. */
export function StagedRoles({ staged, offered, onChange, onDrop }: StagedRolesProps) {
  if (staged.length === 0) return null;
  return (
    <section aria-label="To be added">
      <h3 className={styles.title}>Will get access</h3>
      <ul className={styles.list}>
        {staged.map((one) => (
          <Staged
            key={one.principal.id}
            offered={offered}
            onChange={onChange}
            onDrop={onDrop}
            staged={one}
          />
        ))}
      </ul>
    </section>
  );
}

interface StagedProps extends Omit<StagedRolesProps, "staged"> {
  staged: StagedRole;
}

function Staged({ staged: { principal, roleId }, offered, onChange, onDrop }: StagedProps) {
  const id = useId();
  return (
    <li className={styles.line}>
      <PrincipalLine id={id} principal={principal} />
      <HTMLSelect
        aria-describedby={id}
        aria-label="Role"
        onChange={(event) => onChange({ principal, roleId: event.target.value })}
        value={roleId}
      >
        {offered.map((role) => (
          <option key={role.id} value={role.id}>
            {role.label}
          </option>
        ))}
      </HTMLSelect>
      <Button
        aria-label={`Do not share with ${principal.name}`}
        icon={<CrossIcon />}
        onClick={() => onDrop(principal.id)}
        size="small"
        variant="minimal"
      />
    </li>
  );
}
