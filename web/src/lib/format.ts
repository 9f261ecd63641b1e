const number = new Intl.NumberFormat("en-US");
const short = new Intl.NumberFormat("en-US", { notation: "compact", maximumFractionDigits: 1 });
const dateTime = new Intl.DateTimeFormat("en-GB", {
  dateStyle: "medium",
  timeStyle: "medium",
});
const clock = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" });
const clockShort = new Intl.DateTimeFormat("en-GB", { timeStyle: "short" });
const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

const RELATIVE_STEPS = [
  ["second", 60],
  ["minute", 60],
  ["hour", 24],
  ["day", 30],
  ["month", 12],
] as const;
const BYTE_UNITS = ["B", "kB", "MB", "GB", "TB"] as const;

/** `1234567` as "1,234,567". */
export function formatNumber(value: number): string {
  return number.format(value);
}

/** `1234567` as "1.2M". */
export function formatShort(value: number): string {
  return short.format(value);
}

/** Bytes in decimal units: `1234567` as "1.2 MB". */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let step = 0;
  while (value >= 999.5 && step < BYTE_UNITS.length - 1) {
    value /= 1000;
    step += 1;
  }
  const digits = step === 0 || value >= 100 ? 0 : 1;
  return `${value.toFixed(digits)} ${BYTE_UNITS[step]}`;
}

/** A point in time in the reader's own zone: "23 Nov 2026, 22:42:07". */
export function formatTime(time: string | number | Date): string {
  return dateTime.format(new Date(time));
}

/** A time of day in the reader's own zone: "22:42", or "22:42:07" with seconds. */
export function formatClock(time: string | number | Date, hasSeconds = true): string {
  return (hasSeconds ? clock : clockShort).format(new Date(time));
}

/** A day in the reader's own zone: "23 Nov". */
export function formatDay(time: string | number | Date): string {
  return day.format(new Date(time));
}

/** How long ago, or in how long: "5 minutes ago", "in 3 days". */
export function formatRelative(time: string | number | Date, now = Date.now()): string {
  let value = (new Date(time).getTime() - now) / 1000;
  if (Math.abs(value) < 10) return "just now";
  for (const [unit, length] of RELATIVE_STEPS) {
    if (Math.abs(value) < length) return relative.format(Math.round(value), unit);
    value /= length;
  }
  return relative.format(Math.round(value), "year");
}

/** "1 record", "2 records". */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatNumber(count)} ${count === 1 ? one : many}`;
}
