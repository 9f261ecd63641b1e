import { ProgressBar } from "@blueprintjs/core";
import { useEffect, useState } from "react";
import styles from "./sql.module.css";

const TICK_MS = 100;

/** That a query runs, and for how long. */
export function Elapsed({ sinceMs }: { sinceMs: number }) {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  const seconds = Math.max(0, (now - sinceMs) / 1000);
  return (
    <div className={styles.elapsed}>
      <p>
        <span role="status">The query runs…</span>{" "}
        <span className={styles.seconds}>{seconds.toFixed(1)} s</span>
      </p>
      <ProgressBar aria-label="The query runs" intent="primary" />
    </div>
  );
}
