import { lazy, Suspense } from "react";
import styles from "./chart.module.css";
import type { ChartProps } from "./chart-view";

export type { ChartLine, ChartProps } from "./chart-view";

const View = lazy(() => import("./chart-view"));

/** Lines or bars; loads when shown. Say the numbers that matter in text too: this is a picture. */
export function Chart(props: ChartProps) {
  return (
    <figure aria-label={props.title} className={styles.figure}>
      <figcaption className={styles.title}>{props.title}</figcaption>
      <Suspense fallback={<div style={{ height: props.height ?? 180 }} />}>
        <View {...props} />
      </Suspense>
    </figure>
  );
}
