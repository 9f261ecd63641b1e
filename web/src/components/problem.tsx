import { Callout } from "@blueprintjs/core";
import { ErrorText } from "./error-text";

/** Says inside a form or panel why the last thing done there failed; nothing for no error. */
export function Problem({ error }: { error: unknown }) {
  if (error === null || error === undefined) return null;
  return (
    <Callout compact intent="danger" role="alert">
      <ErrorText error={error} />
    </Callout>
  );
}
