import { useState } from "react";
import { NOBODY, type Person } from "@/lib/people";
import { FormDialog } from "./form-dialog";
import { PersonFields } from "./person-fields";

interface PersonDialogProps {
  title: string;
  isOpen: boolean;
  onClose: () => void;
  /** Who it is now; not known while it is being read. */
  person: Person | undefined;
  onSubmit: (person: Person) => void;
  isPending: boolean;
  error: unknown;
  hasEmail: boolean;
}

/** Asks anew for a person's name, and e-mail address. */
export function PersonDialog({ person: initial, hasEmail, onSubmit, ...props }: PersonDialogProps) {
  const [changes, setChanges] = useState<Partial<Person>>({});
  const person = { ...(initial ?? NOBODY), ...changes };
  const close = () => {
    setChanges({});
    props.onClose();
  };
  return (
    <FormDialog
      {...props}
      isReady={initial !== undefined && Object.keys(changes).length > 0}
      onClose={close}
      onSubmit={() => onSubmit(person)}
      submitLabel="Save"
    >
      <PersonFields
        autoFocus
        hasEmail={hasEmail}
        onChange={(part) => setChanges((before) => ({ ...before, ...part }))}
        person={person}
      />
    </FormDialog>
  );
}
