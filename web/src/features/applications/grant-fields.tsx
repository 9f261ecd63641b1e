import { Button, InputGroup, Switch } from "@blueprintjs/core";
import { CrossIcon, PlusIcon } from "@blueprintjs/icons";
import styles from "./applications.module.css";
import type { DraftProps } from "./draft";

/** By which grants the application gets its tokens. */
export function GrantFields({ draft, onChange }: DraftProps) {
  return (
    <section aria-label="Authorization grants">
      <h2 className={styles.heading}>Authorization grants</h2>
      <p className={styles.lead}>How the application gets its access tokens.</p>
      <Switch
        role="switch"
        aria-describedby="grant-credentials"
        checked={draft.clientCredentials}
        disabled={draft.isPublic}
        label="Client credentials grant"
        onChange={(event) => onChange({ clientCredentials: event.currentTarget.checked })}
      />
      <p className={styles.explanation} id="grant-credentials">
        {draft.isPublic
          ? "Not for this type: it would need a secret."
          : "It acts for itself, with its ID and secret, as a user of its own. Share streams with it by its client ID."}
      </p>
      <Switch
        role="switch"
        aria-describedby="grant-code"
        checked={draft.authorizationCode}
        label="Authorization code grant"
        onChange={(event) => onChange({ authorizationCode: event.currentTarget.checked })}
      />
      <p className={styles.explanation} id="grant-code">
        It acts for people who sign in here and agree, within what they may do themselves.
      </p>
      {draft.authorizationCode && <RedirectUris draft={draft} onChange={onChange} />}
    </section>
  );
}

function RedirectUris({ draft, onChange }: DraftProps) {
  const uris = draft.redirectUris.length === 0 ? [""] : draft.redirectUris;
  const set = (redirectUris: string[]) => onChange({ redirectUris });
  return (
    <fieldset className={styles.uris}>
      <legend>Redirect URLs</legend>
      {uris.map((uri, index) => (
        <div className={styles.uri} key={index}>
          <InputGroup
            aria-label={`Redirect URL ${index + 1}`}
            fill
            onValueChange={(value) => set(uris.with(index, value))}
            placeholder="https://app.example.com/callback"
            value={uri}
          />
          <Button
            aria-label={`Remove redirect URL ${index + 1}`}
            disabled={uris.length === 1 && uri === ""}
            icon={<CrossIcon />}
            onClick={() => set(uris.toSpliced(index, 1))}
            variant="minimal"
          />
        </div>
      ))}
      <Button
        icon={<PlusIcon />}
        onClick={() => set([...uris, ""])}
        size="small"
        text="Add redirect URL"
        variant="outlined"
      />
    </fieldset>
  );
}
