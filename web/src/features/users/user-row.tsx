import { Button, Menu, MenuItem, PopoverNext } from "@blueprintjs/core";
import { DisableIcon, KeyIcon, MoreIcon, TickCircleIcon } from "@blueprintjs/icons";
import { useState } from "react";
import { ConfirmDialog } from "@/components/confirm-dialog";
import { useNotify } from "@/components/notices";
import { StateTag } from "@/components/state-tag";
import { messageOf } from "@/lib/errors";
import { useUser } from "@/lib/session";
import { ResetPasswordDialog } from "./reset-password-dialog";
import {
  fullNameOf,
  isAdmin,
  isEnabled,
  isService,
  nameOf,
  type User,
  useSetUserEnabled,
} from "./use-users";
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
      <td>{!isService(user) && user.id !== me.id && <UserMenu user={user} />}</td>
    </tr>
  );
}

function UserMenu({ user }: { user: User }) {
  const [asks, setAsks] = useState<"disable" | "password">();
  const setEnabled = useSetUserEnabled();
  const notify = useNotify();
  const close = () => {
    setAsks(undefined);
    setEnabled.reset();
  };
  const enable = () =>
    setEnabled.mutate(
      { userId: user.id, isEnabled: true },
      { onError: (error) => notify({ message: messageOf(error), intent: "danger" }) },
    );
  return (
    <>
      <PopoverNext
        content={
          <Menu aria-label={`Actions for ${user.username}`}>
            <MenuItem
              icon={<KeyIcon />}
              onClick={() => setAsks("password")}
              text="Reset password"
            />
            {isEnabled(user) ? (
              <MenuItem
                icon={<DisableIcon />}
                intent="danger"
                onClick={() => setAsks("disable")}
                text="Disable"
              />
            ) : (
              <MenuItem icon={<TickCircleIcon />} onClick={enable} text="Enable" />
            )}
          </Menu>
        }
        placement="bottom-end"
      >
        <Button
          aria-label={`Actions for ${user.username}`}
          icon={<MoreIcon />}
          size="small"
          variant="minimal"
        />
      </PopoverNext>
      <ConfirmDialog
        confirmLabel="Disable"
        error={setEnabled.error}
        isOpen={asks === "disable"}
        isPending={setEnabled.isPending}
        onClose={close}
        onConfirm={() =>
          setEnabled.mutate({ userId: user.id, isEnabled: false }, { onSuccess: close })
        }
        title={`Disable ${user.username}?`}
      >
        The user is signed out everywhere and its tokens are refused at once, until it is enabled
        again. Nothing that it made is deleted.
      </ConfirmDialog>
      <ResetPasswordDialog isOpen={asks === "password"} onClose={close} user={user} />
    </>
  );
}

function kindOf(user: User): string {
  if (isService(user)) return "Application";
  return isAdmin(user) ? "Administrator" : "Person";
}
