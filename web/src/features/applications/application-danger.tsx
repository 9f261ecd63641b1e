import { Button } from "@blueprintjs/core";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { Card } from "@/components/card";
import { ConfirmDialog } from "@/components/confirm-dialog";
import { useNotify } from "@/components/notices";
import styles from "./applications.module.css";
import { SecretDialog } from "./secret-dialog";
import { type Application, useDeleteApplication, useRotateSecret } from "./use-applications";

/** What cannot be taken back. */
export function ApplicationDanger({ application }: { application: Application }) {
  return (
    <div className={styles.dangers}>
      <Card isPadded>
        <section aria-label="Danger zone">
          <h2 className={styles.heading}>Danger zone</h2>
          {application.clientType === "CONFIDENTIAL" && <Rotate application={application} />}
          <Delete application={application} />
        </section>
      </Card>
    </div>
  );
}

function Rotate({ application }: { application: Application }) {
  const [isAsking, setIsAsking] = useState(false);
  const rotate = useRotateSecret(application.clientId);
  const close = () => {
    setIsAsking(false);
    rotate.reset();
  };
  const secret = rotate.data?.clientSecret;
  return (
    <div className={styles.danger}>
      <p>
        <strong>Give it a new secret</strong>
        The old one is refused at once. Tokens that it has stay until they end.
      </p>
      <Button
        intent="danger"
        onClick={() => setIsAsking(true)}
        text="Rotate secret"
        variant="outlined"
      />
      <ConfirmDialog
        confirmLabel="Rotate"
        error={rotate.error}
        isOpen={isAsking && !secret}
        isPending={rotate.isPending}
        onClose={close}
        onConfirm={() => rotate.mutate()}
        title={`Rotate the secret of ${application.displayName}?`}
      >
        Programs that use the old secret get no more tokens, from this moment on, until they are
        given the new one.
      </ConfirmDialog>
      {secret && (
        <SecretDialog
          clientId={application.clientId}
          clientSecret={secret}
          onClose={close}
          title="The new secret"
        />
      )}
    </div>
  );
}

function Delete({ application }: { application: Application }) {
  const [isAsking, setIsAsking] = useState(false);
  const remove = useDeleteApplication(application.clientId);
  const navigate = useNavigate();
  const notify = useNotify();
  const done = () => {
    notify({ message: `${application.displayName} is deleted.` });
    return navigate({ to: "/settings/applications" });
  };
  return (
    <div className={styles.danger}>
      <p>
        <strong>Delete it for ever</strong>
        Its tokens end at once, its user and everything shared with it go too.
      </p>
      <Button intent="danger" onClick={() => setIsAsking(true)} text="Delete application" />
      <ConfirmDialog
        confirmLabel="Delete"
        error={remove.error}
        isOpen={isAsking}
        isPending={remove.isPending}
        onClose={() => setIsAsking(false)}
        onConfirm={() => remove.mutate(undefined, { onSuccess: done })}
        title={`Delete ${application.displayName}?`}
        typed={application.displayName}
      >
        This cannot be undone. A new application would have another client ID, and would have to be
        shared with again.
      </ConfirmDialog>
    </div>
  );
}
