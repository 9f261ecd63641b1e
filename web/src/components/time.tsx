import { formatRelative, formatTime } from "@/lib/format";

/** A point in time, told as how long ago; the exact time on hover. */
export function Time({ value }: { value: string | number }) {
  return (
    <time dateTime={new Date(value).toISOString()} title={formatTime(value)}>
      {formatRelative(value)}
    </time>
  );
}
