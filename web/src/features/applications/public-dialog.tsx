import { Button, Dialog, DialogBody, DialogFooter } from "@blueprintjs/core";
import { ReadOnlyField } from "@/components/read-only-field";
import { focusInside } from "@/lib/focus";

/** Shows the client ID of an application that has no secret. */
export function PublicDialog(props: { title: string; clientId: string; onClose: () => void }) {
  return (
    <Dialog onOpened={focusInside} isOpen onClose={props.onClose} title={props.title}>
      <DialogBody>
        <ReadOnlyField
          help="It is no secret: put it into the program. It has no client secret."
          label="Client ID"
          value={props.clientId}
        />
      </DialogBody>
      <DialogFooter actions={<Button intent="primary" onClick={props.onClose} text="Done" />} />
    </Dialog>
  );
}
