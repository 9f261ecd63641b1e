import { Spinner, SpinnerSize } from "@blueprintjs/core";
import styles from "./loading.module.css";

/** Says that *what* is on its way; shows itself only when that takes a moment. */
export function Loading({ what }: { what: string }) {
  return (
    <div className={styles.loading} role="status">
      <Spinner aria-hidden="true" size={SpinnerSize.SMALL} />
      <span>Loading {what}…</span>
    </div>
  );
}
