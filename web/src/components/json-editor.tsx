import { lazy, Suspense } from "react";
import styles from "./json-editor.module.css";
import type { JsonEditorProps } from "./json-editor-view";

export type { JsonEditorProps, JsonProblem } from "./json-editor-view";

const View = lazy(() => import("./json-editor-view"));

/** A text box for JSON with colours, folding of brackets and marked problems; loads when shown. */
export function JsonEditor(props: JsonEditorProps) {
  return (
    <div className={styles.frame} data-invalid={props.isInvalid === true || undefined}>
      <Suspense fallback={<div className={styles.waiting} />}>
        <View {...props} />
      </Suspense>
    </div>
  );
}
