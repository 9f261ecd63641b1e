import { lazy, Suspense } from "react";
import styles from "./sql-editor.module.css";
import type { SqlEditorProps } from "./sql-editor-view";

export type { SqlEditorHandle, SqlEditorProps } from "./sql-editor-view";

const View = lazy(() => import("./sql-editor-view"));

/** A text box for SQL with colours, completion and marked problems, for the top of a `Card`; loads when shown. */
export function SqlEditor(props: SqlEditorProps) {
  return (
    <div className={styles.frame} data-invalid={props.isInvalid === true || undefined}>
      <Suspense fallback={<div className={styles.waiting} />}>
        <View {...props} />
      </Suspense>
    </div>
  );
}
