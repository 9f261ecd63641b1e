import { Button } from "@blueprintjs/core";
import { ApplicationsIcon, PlusIcon } from "@blueprintjs/icons";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { Card } from "@/components/card";
import { CopyButton } from "@/components/copy-button";
import { Empty } from "@/components/empty";
import { Failed } from "@/components/failed";
import { Loading } from "@/components/loading";
import { PageHeader } from "@/components/page";
import { StateTag } from "@/components/state-tag";
import { Table } from "@/components/table";
import { Time } from "@/components/time";
import { useUser } from "@/lib/session";
import styles from "./applications.module.css";
import { PublicDialog } from "./public-dialog";
import { RegisterDialog } from "./register-dialog";
import { SecretDialog } from "./secret-dialog";
import { type Application, type RegisteredApplication, useApplications } from "./use-applications";

/** All third-party applications, and how to register one. */
export function ApplicationList() {
  const { isAdmin } = useUser();
  const [isRegistering, setIsRegistering] = useState(false);
  const [registered, setRegistered] = useState<RegisteredApplication>();
  const register = (text: string) => (
    <Button
      icon={<PlusIcon />}
      intent="primary"
      onClick={() => setIsRegistering(true)}
      text={text}
    />
  );
  return (
    <>
      <PageHeader
        actions={isAdmin && register("Register new application")}
        description="Programs that push or read records, each with an identity and rights of its own."
        title="Third-party applications"
      />
      <Card>
        {isAdmin ? (
          <Applications register={register("Register the first application")} />
        ) : (
          <Empty icon={<ApplicationsIcon size={20} />} title="Only for administrators">
            Ask one to register an application for you, and for its client ID and secret.
          </Empty>
        )}
      </Card>
      <RegisterDialog
        isOpen={isRegistering}
        onClose={() => setIsRegistering(false)}
        onRegistered={setRegistered}
      />
      {registered !== undefined && (
        <Registered application={registered} onClose={() => setRegistered(undefined)} />
      )}
    </>
  );
}

function Registered(props: { application: RegisteredApplication; onClose: () => void }) {
  const { clientId, clientSecret, displayName } = props.application;
  const title = `${displayName} is registered`;
  if (clientSecret === null) {
    return <PublicDialog clientId={clientId} onClose={props.onClose} title={title} />;
  }
  return (
    <SecretDialog
      clientId={clientId}
      clientSecret={clientSecret}
      onClose={props.onClose}
      title={title}
    />
  );
}

function Applications({ register }: { register: ReactNode }) {
  const applications = useApplications();

  if (applications.isPending) return <Loading what="applications" />;
  if (applications.isError) {
    return <Failed error={applications.error} retry={applications.refetch} />;
  }
  if (applications.data.length === 0) {
    return (
      <Empty action={register} icon={<ApplicationsIcon size={20} />} title="No applications yet">
        Register one for each program that pushes records, so that it has its own rights and can be
        shut out alone.
      </Empty>
    );
  }

  return (
    <div className={styles.table}>
      <Table
        head={["Name", "Client ID", "Type", "State", "Last used"]}
        label="Third-party applications"
      >
        {applications.data.map((application) => (
          <Row application={application} key={application.clientId} />
        ))}
      </Table>
    </div>
  );
}

function Row({ application }: { application: Application }) {
  const { clientId, clientType, displayName, enabled, lastUsedAt } = application;
  return (
    <tr>
      <td>
        <Link className={styles.name} params={{ clientId }} to="/settings/applications/$clientId">
          {displayName}
        </Link>
      </td>
      <td>
        <span className={styles.id}>
          <code>{clientId}</code>
          <CopyButton
            isIconOnly
            label={`Copy ID of ${displayName}`}
            size="small"
            text={clientId}
            variant="minimal"
          />
        </span>
      </td>
      <td className={styles.when}>
        {clientType === "PUBLIC" ? "Native or single-page" : "Server"}
      </td>
      <td>
        <StateTag intent={enabled ? "success" : "none"}>
          {enabled ? "Enabled" : "Disabled"}
        </StateTag>
      </td>
      <td className={styles.when}>{lastUsedAt === null ? "Never" : <Time value={lastUsedAt} />}</td>
    </tr>
  );
}
