import { Button, Callout, Dialog, DialogBody, DialogFooter } from "@blueprintjs/core";
import { useBlocker } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { focusInside } from "@/lib/focus";
import { ConfirmDialog } from "./confirm-dialog";
import styles from "./form-dialog.module.css";
import { ReadOnlyField } from "./read-only-field";

interface ShownOnceDialogProps {
  title: string;
  /** What the secret is called: "Client secret", "Token". */
  label: string;
  secret: string;
  /** Why it must be kept well. */
  warning: ReactNode;
  /** Further values beside the secret. */
  children?: ReactNode;
  onClose: () => void;
}

/**
 * Shows a secret the only time that it can be shown.
 *
 * Who leaves without having copied it is asked first, also when leaving the page.
 */
export function ShownOnceDialog(props: ShownOnceDialogProps) {
  const [isCopied, setIsCopied] = useState(false);
  const [isLeaving, setIsLeaving] = useState(false);
  const blocker = useBlocker({
    shouldBlockFn: () => !isCopied,
    enableBeforeUnload: !isCopied,
    withResolver: true,
  });

  const isBlocked = blocker.status === "blocked";
  const leave = () => {
    props.onClose();
    if (blocker.status === "blocked") blocker.proceed();
  };
  const stay = () => {
    setIsLeaving(false);
    if (blocker.status === "blocked") blocker.reset();
  };
  const close = () => (isCopied ? props.onClose() : setIsLeaving(true));
  return (
    <>
      <Dialog
        onOpened={focusInside}
        canOutsideClickClose={false}
        className={styles.dialog}
        isOpen
        onClose={close}
        title={props.title}
      >
        <DialogBody>
          <div className={styles.body}>
            {props.children}
            <ReadOnlyField
              label={props.label}
              onCopied={() => setIsCopied(true)}
              value={props.secret}
            />
            <Callout compact intent="warning">
              {props.warning}
            </Callout>
          </div>
        </DialogBody>
        <DialogFooter actions={<Button intent="primary" onClick={close} text="Done" />} />
      </Dialog>
      <ConfirmDialog
        confirmLabel="Leave without it"
        isOpen={isLeaving || isBlocked}
        onClose={stay}
        onConfirm={leave}
        title={`Leave without the ${props.label.toLowerCase()}?`}
      >
        It was not copied, and it cannot be shown again. Go back and copy it unless you have stored
        it in another way.
      </ConfirmDialog>
    </>
  );
}
