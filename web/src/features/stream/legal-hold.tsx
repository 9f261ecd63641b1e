import { TextArea } from "@blueprintjs/core";
import { useState } from "react";
import { ConfirmDialog } from "@/components/confirm-dialog";
import { Field } from "@/components/field";
import { FormDialog } from "@/components/form-dialog";
import { useNotify } from "@/components/notices";
import { useLegalHold } from "./use-retention";
import type { StreamName } from "./wire";

const REASON_LENGTH_MAX = 1_000;

interface HoldDialogProps {
  stream: StreamName;
  /** The stream's name, for people. */
  name: string;
  onClose: () => void;
}

/** Asks why nothing of the stream may be deleted, and sees to it. */
export function SetHoldDialog({ stream, name, onClose }: HoldDialogProps) {
  const [reason, setReason] = useState("");
  const hold = useLegalHold(stream);
  const notify = useNotify();
  const done = () => {
    onClose();
    notify({ message: `Nothing of ${name} is deleted any more.`, intent: "success" });
  };
  return (
    <FormDialog
      error={hold.error}
      isOpen
      isPending={hold.isPending}
      isReady={reason.trim() !== ""}
      onClose={onClose}
      onSubmit={() => hold.mutate(reason.trim(), { onSuccess: done })}
      submitLabel="Set legal hold"
      title={`Keep all of ${name}?`}
    >
      <p>
        While it is set, nothing of the stream is deleted: by retention, by a reset, or for ever
        from the trash. Only owners lift it.
      </p>
      <Field
        help="Whoever tries to delete is told of it, and of who set it."
        label="Reason of the legal hold"
      >
        {(input) => (
          <TextArea
            {...input}
            fill
            maxLength={REASON_LENGTH_MAX}
            onChange={(event) => setReason(event.target.value)}
            value={reason}
          />
        )}
      </Field>
    </FormDialog>
  );
}

/** Asks before a legal hold is lifted. */
export function LiftHoldDialog({ stream, name, onClose }: HoldDialogProps) {
  const hold = useLegalHold(stream);
  const notify = useNotify();
  const done = () => {
    onClose();
    notify({ message: `The legal hold on ${name} is lifted.`, intent: "success" });
  };
  return (
    <ConfirmDialog
      confirmLabel="Lift legal hold"
      error={hold.error}
      isOpen
      isPending={hold.isPending}
      onClose={onClose}
      onConfirm={() => hold.mutate(undefined, { onSuccess: done })}
      title={`Lift the legal hold on ${name}?`}
    >
      What retention would have deleted meanwhile is deleted when it is applied next, and the stream
      can be reset and deleted again.
    </ConfirmDialog>
  );
}
