import { Button, InputGroup } from "@blueprintjs/core";
import { ArrowRightIcon } from "@blueprintjs/icons";
import { ButtonLink } from "@/components/button-link";
import { CopyButton } from "@/components/copy-button";
import { Field } from "@/components/field";
import { CheckLine } from "./check-line";
import { areDone } from "./checks";
import styles from "./push-data.module.css";
import { Step } from "./step";
import { useChecks } from "./use-checks";
import type { PushDraft } from "./use-draft";

interface ApplicationStepsProps {
  rid: string;
  draft: PushDraft;
  mayShare: boolean;
  set: (values: Partial<PushDraft>) => void;
}

/** The way to an application that may push, each step with what is done of it. */
export function ApplicationSteps({ rid, draft, mayShare, set }: ApplicationStepsProps) {
  const { clientId, clientSecret } = draft;
  const checks = useChecks(rid, clientId, clientSecret);
  return (
    <>
      <Step number={1} title="Creating an application">
        <p>
          Register a new application there, as a <strong>Server application</strong>. Keep its
          client ID and secret: the secret is shown this once only.
        </p>
        <ButtonLink text="Go to third-party applications" to="/settings/applications" />
      </Step>
      <Step number={2} title="Entering its credentials">
        <div className={styles.credentials}>
          <Field label="Client ID">
            {(input) => (
              <InputGroup
                {...input}
                autoComplete="off"
                className={styles.mono}
                onValueChange={(text) => set({ clientId: text.trim() })}
                spellCheck={false}
                value={clientId}
              />
            )}
          </Field>
          <Field label="Client secret">
            {(input) => (
              <InputGroup
                {...input}
                autoComplete="off"
                className={styles.secret}
                onValueChange={(text) => set({ clientSecret: text.trim() })}
                spellCheck={false}
                value={clientSecret}
              />
            )}
          </Field>
        </div>
        <ul className={styles.checks}>
          <CheckLine check={checks.exists} label="The application exists" />
          <CheckLine check={checks.secret} label="The secret is right" />
        </ul>
      </Step>
      <Step number={3} title="Configuring the application">
        <p>
          Enable its <strong>Client credentials grant</strong>. If its operations are restricted,{" "}
          <code>api:use-streams-write</code> must be among them.
        </p>
        {clientId === "" ? (
          <ButtonLink text="Manage application" to="/settings/applications" />
        ) : (
          <ButtonLink
            params={{ clientId }}
            text="Manage application"
            to="/settings/applications/$clientId"
          />
        )}
        <ul className={styles.checks}>
          <CheckLine check={checks.grant} label="The client credentials grant is enabled" />
          <CheckLine check={checks.scope} label="It may write to streams" />
        </ul>
      </Step>
      <Step number={4} title="Using your new application">
        <p>
          {mayShare ? (
            <>
              Share this stream with the application: press <strong>Share</strong> above, add its
              client ID, give it the role <strong>Editor</strong> and save.
            </>
          ) : (
            <>
              Ask an editor or owner of this stream to share it with the application, with the role{" "}
              <strong>Editor</strong>. They find it by its client ID.
            </>
          )}
        </p>
        {clientId !== "" && (
          <div className={styles.clientId}>
            <code>{clientId}</code>
            <CopyButton
              isIconOnly
              label="Copy the client ID"
              size="small"
              text={clientId}
              variant="minimal"
            />
          </div>
        )}
        <ul className={styles.checks}>
          <CheckLine check={checks.shared} label="The stream is shared with it" />
        </ul>
      </Step>
      <div className={styles.next}>
        {clientId !== "" && clientSecret !== "" && !areDone(checks) && (
          <span>The code works once every line above is checked off.</span>
        )}
        <Button
          disabled={clientId === "" || clientSecret === ""}
          endIcon={<ArrowRightIcon />}
          intent="primary"
          onClick={() => set({ isReady: true })}
          size="large"
          text="Next step"
        />
      </div>
    </>
  );
}
