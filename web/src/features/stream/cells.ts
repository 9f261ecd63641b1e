import type { Schema } from "@/lib/api";
import { isNumeric, textOf } from "./exact-json";

type Field = Schema<"Field">;

const NUMBERS = new Set(["byte", "short", "integer", "long", "float", "double", "decimal"]);
const WIDTHS: Readonly<Record<string, number>> = {
  boolean: 100,
  date: 120,
  timestamp: 230,
  string: 190,
  struct: 280,
  array: 240,
  map: 280,
};
const NUMBER_WIDTH = 140;
/** In pixels, of one character of a column's head. */
const HEAD_CHARACTER = 8;
const CELL_PADDING = 28;

/** How a value is written for people, all of it. */
export function cellText(field: Field, value: unknown): string {
  const isTimestamp = field.schema.dataType.type === "timestamp";
  return isTimestamp && isNumeric(value) ? timestampText(value) : textOf(value);
}

/** Whether the field's values are compared digit by digit. */
export function isRightAligned(field: Field): boolean {
  return NUMBERS.has(field.schema.dataType.type);
}

/** In pixels. */
export function widthOf(field: Field): number {
  const width = WIDTHS[field.schema.dataType.type] ?? NUMBER_WIDTH;
  return Math.max(width, Math.min(field.name.length * HEAD_CHARACTER + CELL_PADDING, 320));
}

/** When a record was taken, as the table shows it: the time of the day in the reader's zone. */
export function recordTime(time: string): string {
  const date = new Date(time);
  const parts = [date.getHours(), date.getMinutes(), date.getSeconds()];
  const clock = parts.map((part) => String(part).padStart(2, "0")).join(":");
  return `${clock}.${String(date.getMilliseconds()).padStart(3, "0")}`;
}

/** Milliseconds since 1970 as ISO 8601; as they are if no calendar has them. */
function timestampText(value: unknown): string {
  const date = new Date(Number(textOf(value)));
  return Number.isNaN(date.getTime()) ? textOf(value) : date.toISOString();
}
