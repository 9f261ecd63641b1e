import "uplot/dist/uPlot.min.css";
import { useEffect, useRef } from "react";
import UPlot from "uplot";
import { formatClock, formatTime } from "@/lib/format";
import { useTheme } from "@/lib/theme";
import styles from "./time-chart.module.css";

export interface ChartLine {
  label: string;
  /** One value for each time; `null` where nothing was measured. */
  values: readonly (number | null)[];
  /** A CSS colour; by default the next of the palette. */
  colour?: string;
}

export interface TimeChartProps {
  title: string;
  /** Seconds since 1970, rising. */
  times: readonly number[];
  lines: readonly ChartLine[];
  /** How a value is written at the axis and in the legend. */
  format?: (value: number) => string;
  /** In pixels, without the legend. */
  height?: number;
}

const PALETTE = ["#147eb3", "#29a634", "#d1980b", "#d33d17", "#9d3f9d", "#00a396"];
const AXIS_WIDTH_MIN = 56;
const LETTER_WIDTH = 7.5;
const AXIS_GAP = 16;
const INK = { light: ["#5a6370", "#e3e6ea"], dark: ["#a7b0bb", "#343c44"] } as const;

/** The chart itself; use `TimeChart`, which loads it when it is needed. */
export default function TimeChartView({ times, lines, format, height = 180 }: TimeChartProps) {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<UPlot>(undefined);
  const write = useRef(format ?? String);
  const { isDark } = useTheme();
  write.current = format ?? String;

  const data = [times, ...lines.map((line) => line.values)] as UPlot.AlignedData;
  const latest = useRef(data);
  latest.current = data;
  const series = JSON.stringify(lines.map(({ label, colour }) => [label, colour]));

  useEffect(() => {
    const element = host.current;
    if (element === null) return;
    const named = JSON.parse(series) as [string, string | null][];
    const chart = new UPlot(
      options(named, element.clientWidth, height, isDark, (value) => write.current(value)),
      latest.current,
      element,
    );
    plot.current = chart;
    const observer = new ResizeObserver(() =>
      chart.setSize({ width: element.clientWidth, height }),
    );
    observer.observe(element);
    return () => {
      observer.disconnect();
      chart.destroy();
    };
  }, [series, height, isDark]);

  useEffect(() => plot.current?.setData(latest.current), [times, lines]);

  return <div className={styles.plot} data-lines={lines.length} ref={host} />;
}

function options(
  lines: readonly [string, string | null][],
  width: number,
  height: number,
  isDark: boolean,
  write: (value: number) => string,
): UPlot.Options {
  const [stroke, line] = INK[isDark ? "dark" : "light"];
  const rule = { stroke: line, width: 1 };
  const axis = { stroke, grid: rule, ticks: rule, font: '12px "Inter Variable", sans-serif' };
  return {
    width,
    height,
    cursor: { points: { size: 6 } },
    axes: [
      { ...axis, space: 80, values: (_, times) => clockTimes(times) },
      { ...axis, size: (_, labels) => widthOf(labels), values: (_, values) => values.map(write) },
    ],
    series: [
      { label: "Time", value: (_, time) => (time === null ? "–" : formatTime(time * 1000)) },
      ...lines.map(([label, colour], index) => ({
        label,
        stroke: colour ?? PALETTE[index % PALETTE.length] ?? stroke,
        width: 1.5,
        points: { show: true, size: 5, filter: (plot: UPlot, at: number) => alone(plot.data[at]) },
        value: (_: UPlot, value: number | null) => (value === null ? "–" : write(value)),
      })),
    ],
  };
}

/** Room for the longest label beside the vertical axis, in pixels. */
function widthOf(labels: readonly string[] | null): number {
  const letters = Math.max(0, ...(labels ?? []).map((label) => label.length));
  return Math.max(AXIS_WIDTH_MIN, letters * LETTER_WIDTH + AXIS_GAP);
}

/** The places of values with nothing on either side: no line leads there, so a point is drawn. */
function alone(values: UPlot.AlignedData[number] = []): number[] {
  const places: number[] = [];
  for (let at = 0; at < values.length; at += 1) {
    if (values[at] != null && values[at - 1] == null && values[at + 1] == null) places.push(at);
  }
  return places;
}

/** Times of day, with seconds where the marks are closer than a minute. */
function clockTimes(times: readonly number[]): string[] {
  const [first = 0, second = first + 60] = times;
  return times.map((time) => formatClock(time * 1000, second - first < 60));
}
