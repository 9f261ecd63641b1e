import { ReadOnlyField } from "@/components/read-only-field";
import { ShownOnceDialog } from "@/components/shown-once-dialog";

interface SecretDialogProps {
  title: string;
  clientId: string;
  clientSecret: string;
  onClose: () => void;
}

/** Shows an application's new secret, once. */
export function SecretDialog({ title, clientId, clientSecret, onClose }: SecretDialogProps) {
  return (
    <ShownOnceDialog
      label="Client secret"
      onClose={onClose}
      secret={clientSecret}
      title={title}
      warning={
        <>
          <strong>The secret is shown this once only.</strong> Copy it to a safe place now, such as
          a password manager. Who loses it can only rotate it.
        </>
      }
    >
      <ReadOnlyField label="Client ID" value={clientId} />
    </ShownOnceDialog>
  );
}
