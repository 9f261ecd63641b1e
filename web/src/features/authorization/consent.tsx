import { Button } from "@blueprintjs/core";
import { TickIcon } from "@blueprintjs/icons";
import { Loading } from "@/components/loading";
import { Logo } from "@/components/logo";
import { useDocumentTitle } from "@/components/page";
import { Problem } from "@/components/problem";
import { useUser } from "@/lib/session";
import styles from "./consent.module.css";
import { type AuthorizationRequest, useAuthorizationRequest, useDecide } from "./use-authorization";

interface ConsentProps {
  /** The request as the application sent it, without the question mark. */
  query: string;
  /** Leads the browser back to the application. */
  onDecided: (redirectTo: string) => void;
}

/** Asks whether an application may act for the person at the page. */
export function Consent({ query, onDecided }: ConsentProps) {
  useDocumentTitle("Authorize application");
  const request = useAuthorizationRequest(query);
  return (
    <main className={styles.screen}>
      <div className={styles.panel}>
        <div className={styles.brand}>
          <Logo size={28} />
          Sluiceway
        </div>
        <div className={styles.card}>
          {request.isPending && <Loading what="the request" />}
          {request.isError && <Refused error={request.error} />}
          {request.isSuccess && (
            <Question onDecided={onDecided} query={query} request={request.data} />
          )}
        </div>
      </div>
    </main>
  );
}

/** The browser is not sent back: an address that is not registered may be a thief's. */
function Refused({ error }: { error: unknown }) {
  return (
    <>
      <h1 className={styles.title}>This request cannot be answered</h1>
      <Problem error={error} />
      <p className={styles.note}>
        You can close this page. Who runs the application can mend it with this message.
      </p>
    </>
  );
}

function Question(props: ConsentProps & { request: AuthorizationRequest }) {
  const { client, scopes, redirectHost } = props.request;
  const user = useUser();
  const decide = useDecide(props.query);
  const answer = (decision: "approve" | "deny") =>
    decide.mutate(decision, { onSuccess: ({ redirectTo }) => props.onDecided(redirectTo) });
  const isBusy = decide.isPending || decide.isSuccess;
  return (
    <>
      <h1 className={styles.title}>
        {client.logoUri?.startsWith("data:") && (
          <img alt="" className={styles.logo} height={32} src={client.logoUri} width={32} />
        )}
        Authorize {client.displayName}?
      </h1>
      {client.description && <p className={styles.description}>{client.description}</p>}
      <p className={styles.lead}>
        It wants to act for you, <strong>{user.username}</strong>
        {scopes.length === 0 ? ", and asks for nothing more than to know who you are." : ":"}
      </p>
      <ul className={styles.scopes} hidden={scopes.length === 0}>
        {scopes.map(({ scope, description }) => (
          <li key={scope}>
            <TickIcon aria-hidden="true" />
            <span>
              {description}
              <code>{scope}</code>
            </span>
          </li>
        ))}
      </ul>
      <Problem error={decide.error} />
      <div className={styles.buttons}>
        <Button disabled={isBusy} onClick={() => answer("deny")} size="large" text="Deny" />
        <Button
          intent="primary"
          loading={isBusy}
          onClick={() => answer("approve")}
          size="large"
          text="Approve"
        />
      </div>
      <p className={styles.note}>
        You then go on to <code>{redirectHost}</code>. You can take this back under “Authorized
        applications”, at any time.
      </p>
    </>
  );
}
