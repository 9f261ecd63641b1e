import "uplot/dist/uPlot.min.css";
import { useEffect, useRef } from "react";
import UPlot from "uplot";
import { formatClock, formatDay, formatTime } from "@/lib/format";
import { useTheme } from "@/lib/theme";
import styles from "./chart.module.css";

export interface ChartLine {
  label: string;
  /** One value for each place; `null` where nothing was measured. */
  values: readonly (number | null)[];
  /** A CSS colour; by default the next of the palette. */
  colour?: string;
}

export interface ChartProps {
  title: string;
  /** What the places are: seconds since 1970, numbers, or names, whose places are 0, 1, 2, … */
  axis?: "time" | "number" | readonly string[];
  /** The values' places, rising. */
  xs: readonly number[];
  /** What the places are called in the legend. */
  xLabel?: string;
  lines: readonly ChartLine[];
  /** How the values are drawn; bars are for one line. */
  shape?: "line" | "bars";
  /** How a value is written at the axis and in the legend. */
  format?: (value: number) => string;
  /** In pixels, without the legend. */
  height?: number;
}

type Axis = NonNullable<ChartProps["axis"]>;

const PALETTE = ["#147eb3", "#29a634", "#d1980b", "#d33d17", "#9d3f9d", "#00a396"];
const AXIS_WIDTH_MIN = 56;
const LETTER_WIDTH = 7.5;
const AXIS_GAP = 16;
const NAME_LENGTH_MAX = 12;
const DAY_SECONDS = 86_400;
/** Names stand at whole places only. */
const WHOLE_STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500];
const INK = { light: ["#5a6370", "#e3e6ea"], dark: ["#a7b0bb", "#343c44"] } as const;

/** The chart itself; use `Chart`, which loads it when it is needed. */
export default function ChartView(props: ChartProps) {
  const { axis = "time", xs, xLabel = "Time", lines, shape = "line", format, height = 180 } = props;
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<UPlot>(undefined);
  const write = useRef(format ?? String);
  const { isDark } = useTheme();
  write.current = format ?? String;

  const data = [xs, ...lines.map((line) => line.values)] as UPlot.AlignedData;
  const latest = useRef(data);
  latest.current = data;
  const kind = JSON.stringify([axis, xLabel, lines.map(({ label, colour }) => [label, colour])]);

  useEffect(() => {
    const element = host.current;
    if (element === null) return;
    const [places, name, named] = JSON.parse(kind) as [Axis, string, [string, string | null][]];
    const look: Look = {
      ink: INK[isDark ? "dark" : "light"],
      write: (value) => write.current(value),
      axis: places,
      isBars: shape === "bars",
    };
    const chart = new UPlot(
      { width: element.clientWidth, height, ...options(name, named, look) },
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
  }, [kind, shape, height, isDark]);

  useEffect(() => plot.current?.setData(latest.current), [xs, lines]);

  return <div className={styles.plot} data-lines={lines.length} ref={host} />;
}

interface Look {
  ink: readonly [string, string];
  write: (value: number) => string;
  axis: Axis;
  isBars: boolean;
}

function options(
  xLabel: string,
  lines: readonly [string, string | null][],
  { ink, write, axis, isBars }: Look,
): Omit<UPlot.Options, "width" | "height"> {
  const [stroke, line] = ink;
  const rule = { stroke: line, width: 1 };
  const both = { stroke, grid: rule, ticks: rule, font: '12px "Inter Variable", sans-serif' };
  const place = placeText(axis);
  const bars = isBars && UPlot.paths.bars?.({ size: [0.8, 64] });
  return {
    cursor: { points: { size: 6 } },
    scales: {
      x: { time: axis === "time", ...((isBars || isNames(axis)) && { range: withRoom }) },
      ...(isBars && { y: { range: fromZero } }),
    },
    axes: [
      {
        ...both,
        space: 80,
        values: (_, places) => (axis === "time" ? clockTimes(places) : places.map(place)),
        ...(isNames(axis) && { incrs: WHOLE_STEPS }),
      },
      { ...both, size: (_, labels) => widthOf(labels), values: (_, values) => values.map(write) },
    ],
    series: [
      {
        label: xLabel,
        value: (_, at) => (at === null ? "–" : axis === "time" ? formatTime(at * 1000) : place(at)),
      },
      ...lines.map(([label, colour], index) => {
        const ownColour = colour ?? PALETTE[index % PALETTE.length] ?? stroke;
        return {
          label,
          stroke: ownColour,
          width: isBars ? 0 : 1.5,
          ...(bars && { paths: bars, fill: ownColour }),
          points: isBars
            ? { show: false }
            : { show: true, size: 5, filter: (plot: UPlot, at: number) => alone(plot.data[at]) },
          value: (_: UPlot, value: number | null) => (value === null ? "–" : write(value)),
        };
      }),
    ],
  };
}

function isNames(axis: Axis): axis is readonly string[] {
  return typeof axis !== "string";
}

/** Writes a place of a number or name. */
function placeText(axis: Axis): (at: number) => string {
  if (!isNames(axis)) return (at) => String(Number(at.toPrecision(12)));
  return (at) => {
    const name = axis[at] ?? "";
    return name.length > NAME_LENGTH_MAX ? `${name.slice(0, NAME_LENGTH_MAX - 1)}…` : name;
  };
}

/** Half a step beside the first and the last place, so that their bars are whole. */
function withRoom(plot: UPlot): [number, number] {
  const [places = []] = plot.data;
  const first = places[0] ?? 0;
  const last = places.at(-1) ?? first;
  let step = places.length < 2 ? 1 : last - first;
  for (let at = 1; at < places.length; at += 1) {
    step = Math.min(step, (places[at] ?? 0) - (places[at - 1] ?? 0));
  }
  const room = (step || 1) / 2;
  return [first - room, last + room];
}

function fromZero(_: UPlot, least: number | null, most: number | null): [number, number] {
  const low = Math.min(0, least ?? 0);
  const high = Math.max(0, most ?? 0);
  return low === high ? [0, 1] : [low * 1.05, high * 1.05];
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

/** Times of day, with seconds where the marks are closer than a minute; days where a day is little. */
function clockTimes(times: readonly number[]): string[] {
  const [first = 0, second = first + 60] = times;
  if (second - first >= DAY_SECONDS) return times.map((time) => formatDay(time * 1000));
  return times.map((time) => formatClock(time * 1000, second - first < 60));
}
