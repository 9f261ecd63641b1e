import { Switch } from "@blueprintjs/core";
import { Link } from "@tanstack/react-router";
import { Breadcrumbs } from "@/components/breadcrumbs";
import { Card } from "@/components/card";
import { CopyButton } from "@/components/copy-button";
import { Failed } from "@/components/failed";
import { Loading } from "@/components/loading";
import { useNotify } from "@/components/notices";
import { PageHeader } from "@/components/page";
import { Time } from "@/components/time";
import { messageOf } from "@/lib/errors";
import { ApplicationDanger } from "./application-danger";
import { ApplicationForm } from "./application-form";
import styles from "./applications.module.css";
import { type Application, useApplication, useSetEnabled } from "./use-applications";

/** One application: what it may do, and whether it may do it now. */
export function ApplicationPage({ clientId }: { clientId: string }) {
  const application = useApplication(clientId);

  if (application.isPending) return <Loading what="the application" />;
  if (application.isError)
    return <Failed error={application.error} isPage retry={application.refetch} />;

  const { data } = application;
  return (
    <>
      <ApplicationForm
        application={data}
        header={(save) => <Header application={data} save={save} />}
      >
        <Card isPadded>
          <Facts application={data} />
        </Card>
      </ApplicationForm>
      <ApplicationDanger application={data} />
    </>
  );
}

function Header(props: { application: Application; save: React.ReactNode }) {
  const { displayName, description } = props.application;
  return (
    <PageHeader
      actions={props.save}
      breadcrumbs={
        <Breadcrumbs>
          {[
            <Link key="all" to="/settings/applications">
              Third-party applications
            </Link>,
          ]}
        </Breadcrumbs>
      }
      description={description ?? undefined}
      title={displayName}
    />
  );
}

function Facts({ application }: { application: Application }) {
  const { clientId, clientType, createdAt, lastUsedAt } = application;
  return (
    <dl className={styles.facts}>
      <div>
        <dt>Client ID</dt>
        <dd>
          <span className={styles.id}>
            <code>{clientId}</code>
            <CopyButton isIconOnly label="Copy" size="small" text={clientId} variant="minimal" />
          </span>
        </dd>
      </div>
      <div>
        <dt>Type</dt>
        <dd>
          {clientType === "PUBLIC" ? "Native or single-page application" : "Server application"}
        </dd>
      </div>
      <div>
        <dt>Registered</dt>
        <dd>
          <Time value={createdAt} />
        </dd>
      </div>
      <div>
        <dt>Last used</dt>
        <dd>{lastUsedAt === null ? "Never" : <Time value={lastUsedAt} />}</dd>
      </div>
      <div>
        <dt>State</dt>
        <dd>
          <EnabledSwitch application={application} />
        </dd>
      </div>
    </dl>
  );
}

/** Works at once: who shuts an application out wants no second button. */
function EnabledSwitch({ application }: { application: Application }) {
  const setEnabled = useSetEnabled(application.clientId);
  const notify = useNotify();
  const change = (isEnabled: boolean) =>
    setEnabled.mutate(isEnabled, {
      onSuccess: () =>
        notify({
          message: isEnabled
            ? "The application may get tokens again."
            : "The application is shut out, and its tokens have ended.",
          intent: isEnabled ? "success" : "warning",
        }),
      onError: (error) => notify({ message: messageOf(error), intent: "danger" }),
    });
  return (
    <Switch
      role="switch"
      checked={application.enabled}
      disabled={setEnabled.isPending}
      inline
      label="Enabled"
      onChange={(event) => change(event.currentTarget.checked)}
      style={{ margin: 0 }}
    />
  );
}
