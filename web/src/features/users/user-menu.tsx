import { Menu, MenuDivider, MenuItem } from "@blueprintjs/core";
import {
  DisableIcon,
  EditIcon,
  KeyIcon,
  MoreIcon,
  TickCircleIcon,
  TrashIcon,
} from "@blueprintjs/icons";
import { useState } from "react";
import { ConfirmDialog } from "@/components/confirm-dialog";
import { MenuButton } from "@/components/menu-button";
import { useNotify } from "@/components/notices";
import { PersonDialog } from "@/components/person-dialog";
import { messageOf } from "@/lib/errors";
import { typedPerson, useReplacePerson } from "@/lib/people";
import { useUser } from "@/lib/session";
import { ResetPasswordDialog } from "./reset-password-dialog";
import { isEnabled, type User, useDeleteUser, useSetUserEnabled } from "./use-users";

type Question = "name" | "password" | "disable" | "delete";

/** What an administrator does about a user; about itself only the name. */
export function UserMenu({ user }: { user: User }) {
  const [asks, setAsks] = useState<Question>();
  const me = useUser();
  const enable = useEnable(user);
  const title = `Actions for ${user.username}`;
  const dialog = { user, onClose: () => setAsks(undefined) };
  return (
    <>
      <MenuButton
        aria-label={title}
        icon={<MoreIcon />}
        menu={
          <Menu aria-label={title}>
            <MenuItem
              icon={<EditIcon />}
              onClick={() => setAsks("name")}
              text="Change name and e-mail"
            />
            {user.id !== me.id && (
              <>
                <MenuItem
                  icon={<KeyIcon />}
                  onClick={() => setAsks("password")}
                  text="Reset password"
                />
                <MenuDivider />
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
                <MenuItem
                  icon={<TrashIcon />}
                  intent="danger"
                  onClick={() => setAsks("delete")}
                  text="Delete"
                />
              </>
            )}
          </Menu>
        }
        size="small"
        variant="minimal"
      />
      <ChangeName {...dialog} isOpen={asks === "name"} />
      <ResetPasswordDialog {...dialog} isOpen={asks === "password"} />
      <Disable {...dialog} isOpen={asks === "disable"} />
      <Delete {...dialog} isOpen={asks === "delete"} />
    </>
  );
}

interface DialogProps {
  user: User;
  isOpen: boolean;
  onClose: () => void;
}

function ChangeName({ user, isOpen, onClose }: DialogProps) {
  const replace = useReplacePerson(user.id);
  const close = () => {
    replace.reset();
    onClose();
  };
  return (
    <PersonDialog
      error={replace.error}
      hasEmail
      isOpen={isOpen}
      isPending={replace.isPending}
      onClose={close}
      onSubmit={(person) => replace.mutate(person, { onSuccess: close })}
      person={typedPerson(user)}
      title={`Name and e-mail of ${user.username}`}
    />
  );
}

function Disable({ user, isOpen, onClose }: DialogProps) {
  const setEnabled = useSetUserEnabled();
  const close = () => {
    setEnabled.reset();
    onClose();
  };
  return (
    <ConfirmDialog
      confirmLabel="Disable"
      error={setEnabled.error}
      isOpen={isOpen}
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
  );
}

function Delete({ user, isOpen, onClose }: DialogProps) {
  const remove = useDeleteUser();
  const close = () => {
    remove.reset();
    onClose();
  };
  return (
    <ConfirmDialog
      confirmLabel="Delete"
      error={remove.error}
      isOpen={isOpen}
      isPending={remove.isPending}
      onClose={close}
      onConfirm={() => remove.mutate(user.id, { onSuccess: close })}
      title={`Delete ${user.username}?`}
      typed={user.username}
    >
      The account ends for ever, with its tokens and memberships, and its username is given to
      nobody else. Streams that it made stay. To shut somebody out for a while, disable the account.
    </ConfirmDialog>
  );
}

function useEnable(user: User) {
  const setEnabled = useSetUserEnabled();
  const notify = useNotify();
  return () =>
    setEnabled.mutate(
      { userId: user.id, isEnabled: true },
      { onError: (error) => notify({ message: messageOf(error), intent: "danger" }) },
    );
}
