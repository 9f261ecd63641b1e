import type { Schema } from "@/lib/api";
import { formatBytes, formatNumber, plural } from "@/lib/format";

export type Retention = Schema<"RetentionReply">;
export type RetentionPreview = Schema<"PreviewReply">;
export type Policy = Required<Schema<"PutRetentionRequest">>;
export type PolicyField = keyof Policy;

interface Unit {
  label: string;
  size: number;
}

const SECONDS: readonly Unit[] = [
  { label: "seconds", size: 1 },
  { label: "minutes", size: 60 },
  { label: "hours", size: 3_600 },
  { label: "days", size: 86_400 },
];
const BYTES: readonly Unit[] = [
  { label: "bytes", size: 1 },
  { label: "kB", size: 1e3 },
  { label: "MB", size: 1e6 },
  { label: "GB", size: 1e9 },
  { label: "TB", size: 1e12 },
];

export const FIELDS: readonly {
  name: PolicyField;
  label: string;
  help: string;
  units: readonly Unit[];
  /** What is offered where nothing is set. */
  unit: string;
}[] = [
  {
    name: "hotSeconds",
    label: "Keep in the log for",
    help: "Empty: as this server does by default.",
    units: SECONDS,
    unit: "hours",
  },
  {
    name: "hotBytes",
    label: "Keep in the log at most",
    help: "Of the records as they are stored. Empty: whatever there is.",
    units: BYTES,
    unit: "GB",
  },
  {
    name: "coldSeconds",
    label: "Delete for ever after",
    help: "Empty: records are kept for ever.",
    units: SECONDS,
    unit: "days",
  },
];

/** What stands in the form: for each field a number as it was typed, and its unit. */
export type Draft = Record<PolicyField, { text: string; unit: string }>;

/** Fill the form with what is set. */
export function draftOf(policy: Policy): Draft {
  const entries = FIELDS.map(({ name, units, unit }) => {
    const value = policy[name];
    if (value === null) return [name, { text: "", unit }];
    const fitting = unitOf(value, units);
    return [name, { text: String(value / fitting.size), unit: fitting.label }];
  });
  return Object.fromEntries(entries);
}

/** Read the form: a policy, or what is wrong with which field. */
export function policyOf(draft: Draft): { policy: Policy } | { errors: FieldErrors } {
  const policy: Policy = { hotSeconds: null, hotBytes: null, coldSeconds: null };
  const errors: FieldErrors = {};
  for (const { name, units } of FIELDS) {
    const text = draft[name].text.trim();
    if (text === "") continue;
    const size = units.find(({ label }) => label === draft[name].unit)?.size ?? 1;
    const value = Math.round(Number(text) * size);
    if (!/^\d+([.]\d+)?$/.test(text)) errors[name] = "Must be a number, or empty.";
    else if (!Number.isSafeInteger(value)) errors[name] = "Is too large.";
    else policy[name] = value;
  }
  return Object.keys(errors).length > 0 ? { errors } : { policy };
}

export type FieldErrors = Partial<Record<PolicyField, string>>;

/** Say at its field what the server says of a value; nothing where it speaks of none. */
export function fieldErrors(
  parameters: Readonly<Record<string, unknown>>,
): FieldErrors | undefined {
  const found = FIELDS.find(({ name }) => name === parameters.field);
  if (found === undefined) return undefined;
  const write = found.units === BYTES ? formatExactly : formatSpan;
  const { valueMin, valueMax } = parameters;
  return {
    [found.name]: `Must be ${write(Number(valueMin))} to ${write(Number(valueMax))}, or empty.`,
  };
}

/** A time in the largest unit in which it is a whole number: "36 hours". */
export function formatSpan(seconds: number): string {
  const { label, size } = unitOf(seconds, SECONDS);
  return plural(seconds / size, label.slice(0, -1), label);
}

/** Bytes, with their number where they are not whole in the unit. */
function formatExactly(bytes: number): string {
  const { label, size } = unitOf(bytes, BYTES);
  return size === 1 && bytes >= 1_000
    ? `${formatBytes(bytes)} (${formatNumber(bytes)} bytes)`
    : `${formatNumber(bytes / size)} ${label}`;
}

/** The largest unit in which *value* is a whole number. */
function unitOf(value: number, units: readonly Unit[]): Unit {
  const fitting = units.filter(({ size }) => value % size === 0 && value >= size);
  return fitting.at(-1) ?? (units[0] as Unit);
}

/** Say how long and how much the log keeps. */
export function hotWords({ hotSeconds, hotBytes }: Policy): string {
  const time = hotSeconds === null ? "as this server does by default" : formatSpan(hotSeconds);
  return hotBytes === null ? time : `${time}, and at most ${formatBytes(hotBytes)}`;
}

/** Say how long records are kept at all. */
export function coldWords({ coldSeconds }: Policy): string {
  return coldSeconds === null ? "for ever" : `${formatSpan(coldSeconds)}, then deleted for ever`;
}

/** Say where a stream begins of which records were deleted. */
export function startWords({ startOffsets }: Retention): string {
  const begun = Object.entries(startOffsets).filter(([, start]) => start > 0);
  if (begun.length === 0) return "with its first record";
  return begun
    .map(([partition, start]) => `partition ${partition} at offset ${formatNumber(start)}`)
    .join(", ");
}
