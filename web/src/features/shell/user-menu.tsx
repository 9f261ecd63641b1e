import { Menu, MenuItem } from "@blueprintjs/core";
import { CaretDownIcon, EditIcon, KeyIcon, LogOutIcon, UserIcon } from "@blueprintjs/icons";
import { useRouter } from "@tanstack/react-router";
import { useState } from "react";
import { MenuButton } from "@/components/menu-button";
import { useSignOut, useUser } from "@/lib/session";
import { ChangePasswordDialog } from "./change-password-dialog";
import { OwnNameDialog } from "./own-name-dialog";
import styles from "./shell.module.css";

/** Who is signed in, and what one does about oneself. */
export function UserMenu() {
  const user = useUser();
  const router = useRouter();
  const signOut = useSignOut();
  const [changes, setChanges] = useState<"name" | "password">();
  const close = () => setChanges(undefined);

  const leave = () =>
    signOut.mutate(undefined, { onSuccess: () => router.navigate({ to: "/sign-in" }) });
  return (
    <>
      <MenuButton
        aria-label={`User menu of ${user.username}`}
        className={styles.tool}
        endIcon={<CaretDownIcon />}
        icon={<UserIcon />}
        menu={
          <Menu aria-label="User">
            <li className={styles.who} role="none">
              {user.isAdmin ? `${user.username}, administrator` : user.username}
            </li>
            <MenuItem
              icon={<EditIcon />}
              onClick={() => setChanges("name")}
              text="Change your name"
            />
            <MenuItem
              icon={<KeyIcon />}
              onClick={() => setChanges("password")}
              text="Change password"
            />
            <MenuItem icon={<LogOutIcon />} onClick={leave} text="Sign out" />
          </Menu>
        }
        text={user.username}
        variant="minimal"
      />
      <OwnNameDialog isOpen={changes === "name"} onClose={close} />
      <ChangePasswordDialog isOpen={changes === "password"} onClose={close} />
    </>
  );
}
