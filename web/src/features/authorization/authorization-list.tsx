import { Button } from "@blueprintjs/core";
import { EndorsedIcon } from "@blueprintjs/icons";
import { useState } from "react";
import { Card } from "@/components/card";
import { ConfirmDialog } from "@/components/confirm-dialog";
import { Empty } from "@/components/empty";
import { Failed } from "@/components/failed";
import { Loading } from "@/components/loading";
import { Table } from "@/components/table";
import { Time } from "@/components/time";
import styles from "./authorization-list.module.css";
import { type Authorization, useAuthorizations, useWithdraw } from "./use-authorization";

/** The applications that act for the person at the page, and how to stop that. */
export function AuthorizationList() {
  return (
    <section aria-labelledby="authorized-applications" className={styles.section}>
      <h2 className={styles.title} id="authorized-applications">
        Authorized applications
      </h2>
      <p className={styles.lead}>Applications that you let act for you when they asked.</p>
      <Card>
        <Authorizations />
      </Card>
    </section>
  );
}

function Authorizations() {
  const authorizations = useAuthorizations();

  if (authorizations.isPending) return <Loading what="authorized applications" />;
  if (authorizations.isError) {
    return <Failed error={authorizations.error} retry={authorizations.refetch} />;
  }
  if (authorizations.data.length === 0) {
    return (
      <Empty icon={<EndorsedIcon size={20} />} title="No application acts for you">
        When you sign in to one with your account here, it appears in this list.
      </Empty>
    );
  }

  const actions = (
    <span className="visually-hidden" key="actions">
      Actions
    </span>
  );
  return (
    <div className={styles.table}>
      <Table
        head={["Application", "It may", "Agreed", "Last used", actions]}
        label="Authorized applications"
      >
        {authorizations.data.map((authorization) => (
          <Row authorization={authorization} key={authorization.client.clientId} />
        ))}
      </Table>
    </div>
  );
}

function Row({ authorization }: { authorization: Authorization }) {
  const [isAsking, setIsAsking] = useState(false);
  const withdraw = useWithdraw();
  const { client, scopes, authorizedTime, lastUsedTime } = authorization;
  const { clientId, displayName } = client;
  return (
    <tr>
      <td className={styles.name}>{displayName}</td>
      <td>
        <ul className={styles.scopes}>
          {scopes.map(({ scope, description }) => (
            <li key={scope}>{description}</li>
          ))}
        </ul>
      </td>
      <td className={styles.when}>
        <Time value={authorizedTime} />
      </td>
      <td className={styles.when}>
        <Time value={lastUsedTime} />
      </td>
      <td>
        <Button
          aria-label={`Revoke ${displayName}`}
          onClick={() => setIsAsking(true)}
          size="small"
          text="Revoke"
        />
        <ConfirmDialog
          confirmLabel="Revoke"
          error={withdraw.error}
          isOpen={isAsking}
          isPending={withdraw.isPending}
          onClose={() => setIsAsking(false)}
          onConfirm={() => withdraw.mutate(clientId, { onSuccess: () => setIsAsking(false) })}
          title={`Stop ${displayName} from acting for you?`}
        >
          Its tokens for your account end at once. It can ask you again.
        </ConfirmDialog>
      </td>
    </tr>
  );
}
