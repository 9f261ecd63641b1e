import { Button, Dialog, DialogBody, DialogFooter, type Intent } from "@blueprintjs/core";
import { type FormEvent, type ReactNode, useId } from "react";
import { focusInside } from "@/lib/focus";
import styles from "./form-dialog.module.css";
import { Problem } from "./problem";

interface FormDialogProps {
  title: string;
  isOpen: boolean;
  onClose: () => void;
  submitLabel: string;
  onSubmit: () => void;
  intent?: Intent;
  /** Whether what it asks has parts that need room beside each other. */
  isWide?: boolean;
  isPending?: boolean;
  /** Whether the form may be sent as it stands. */
  isReady?: boolean;
  error?: unknown;
  children: ReactNode;
}

/** A dialog around a small form; Enter sends it, Escape closes it. */
export function FormDialog(props: FormDialogProps) {
  const { title, isOpen, onClose, isPending = false, isReady = true } = props;
  const form = useId();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isReady && !isPending) props.onSubmit();
  };
  return (
    <Dialog
      onOpened={focusInside}
      className={`${styles.dialog} ${props.isWide ? styles.wide : ""}`}
      shouldReturnFocusOnClose
      isOpen={isOpen}
      onClose={onClose}
      title={title}
    >
      <DialogBody>
        <form className={styles.body} id={form} onSubmit={submit}>
          {props.children}
          <Problem error={props.error} />
        </form>
      </DialogBody>
      <DialogFooter
        actions={
          <>
            <Button onClick={onClose} text="Cancel" />
            <Button
              disabled={!isReady}
              form={form}
              intent={props.intent ?? "primary"}
              loading={isPending}
              text={props.submitLabel}
              type="submit"
            />
          </>
        }
      />
    </Dialog>
  );
}
