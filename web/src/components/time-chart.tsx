import { lazy, Suspense } from "react";
import styles from "./time-chart.module.css";
import type { TimeChartProps } from "./time-chart-view";

export type { ChartLine, TimeChartProps } from "./time-chart-view";

const View = lazy(() => import("./time-chart-view"));

/** Lines over time; loads when shown. Say the numbers that matter in text too: this is a picture. */
export function TimeChart(props: TimeChartProps) {
  return (
    <figure aria-label={props.title} className={styles.figure}>
      <figcaption className={styles.title}>{props.title}</figcaption>
      <Suspense fallback={<div style={{ height: props.height ?? 180 }} />}>
        <View {...props} />
      </Suspense>
    </figure>
  );
}
