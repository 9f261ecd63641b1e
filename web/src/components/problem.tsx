import { Callout } from "@blueprintjs/core";
import { messageOf } from "@/lib/errors";

/** Says inside a form or panel why the last thing done there failed; nothing for no error. */
export function Problem({ error }: { error: unknown }) {
  if (error === null || error === undefined) return null;
  return (
    <Callout compact intent="danger" role="alert">
      {messageOf(error)}
    </Callout>
  );
}
