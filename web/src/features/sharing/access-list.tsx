import { HTMLSelect } from "@blueprintjs/core";
import { type RoleInfo, roleLabel } from "@/lib/roles";
import { PrincipalLine } from "./principal-line";
import styles from "./share-panel.module.css";
import type { Access } from "./use-sharing";

interface AccessListProps {
  list: readonly Access[];
  /** The roles that the person may give and take away. */
  offered: readonly RoleInfo[];
  /** Roles that are to be others when the panel is saved; an empty one is taken away. */
  changes: ReadonlyMap<Access, string>;
  onChange: (access: Access, roleId: string) => void;
}

/** Who has which role, and through what. */
export function AccessList({ list, offered, changes, onChange }: AccessListProps) {
  if (list.length === 0) return <p className={styles.none}>Only administrators, so far.</p>;
  return (
    <ul aria-label="Who has access" className={styles.list}>
      {list.map((access) => (
        <li className={styles.line} key={`${access.principal.id} ${access.roleId}`}>
          <PrincipalLine principal={access.principal}>
            <span className={styles.through}>{throughOf(access)}</span>
          </PrincipalLine>
          {access.isDirect && offered.some((role) => role.id === access.roleId) ? (
            <HTMLSelect
              aria-label={`Access of ${access.principal.name}`}
              onChange={(event) => onChange(access, event.target.value)}
              value={changes.get(access) ?? access.roleId}
            >
              {offered.map((role) => (
                <option key={role.id} value={role.id}>
                  {role.label}
                </option>
              ))}
              <option value="">Take away</option>
            </HTMLSelect>
          ) : (
            <span className={styles.role}>{roleLabel(access.roleId)}</span>
          )}
        </li>
      ))}
    </ul>
  );
}

function throughOf({ isDirect, through }: Access): string {
  const places = [...(isDirect ? ["here"] : []), ...through.map((name) => `on ${name}`)];
  return `given ${places.length === 0 ? "on a folder above" : places.join(" and ")}`;
}
