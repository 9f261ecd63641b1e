import { type Intent, Tag } from "@blueprintjs/core";

/** A short word for the state that something is in. */
export function StateTag({ intent, children }: { intent: Intent; children: string }) {
  return (
    <Tag intent={intent} minimal round>
      {children}
    </Tag>
  );
}
