import { StateTag } from "@/components/state-tag";
import { useUser } from "@/lib/session";
import { fullNameOf, isAdmin, isEnabled, isService, nameOf, type User } from "./use-users";
import { UserMenu } from "./user-menu";
import styles from "./users.module.css";

/** One user. */
export function UserRow({ user }: { user: User }) {
  const me = useUser();
  const details = [fullNameOf(user), user.email].filter(Boolean).join(" · ");
  return (
    <tr>
      <td>
        <div className={styles.name}>
          {nameOf(user)}
          {user.id === me.id && <span className={styles.you}>you</span>}
        </div>
        {isService(user) && <code className={styles.details}>{user.username}</code>}
        {details !== "" && <div className={styles.details}>{details}</div>}
      </td>
      <td className={styles.kind}>{kindOf(user)}</td>
      <td>
        <StateTag intent={isEnabled(user) ? "success" : "warning"}>
          {isEnabled(user) ? "Enabled" : "Disabled"}
        </StateTag>
      </td>
      <td>{!isService(user) && <UserMenu user={user} />}</td>
    </tr>
  );
}

function kindOf(user: User): string {
  if (isService(user)) return "Application";
  return isAdmin(user) ? "Administrator" : "Person";
}
