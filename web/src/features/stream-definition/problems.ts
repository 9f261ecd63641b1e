import { type FieldDraft, PRECISION_MAX, type StreamDraft } from "./draft";
import { aKind, mayBeKey, mayOrder } from "./types";

/** Something that must be mended before the stream can be created. */
export interface DraftProblem {
  /** Which input it is about: the value of its `data-place`. */
  place: string;
  /** What the input is called, for the list of all problems. */
  where: string;
  message: string;
}

const NAME_LENGTH_MAX = 700;
const FIELD_NAME_LENGTH_MAX = 255;
const FIELDS_MAX = 2_000;
const DEPTH_MAX = 32;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what a name must not have
const FIELD_NAME_FORBIDDEN = /["\\\u0000-\u001f]/;

/** Find all that is wrong with *draft*; the server would refuse it for the same. */
export function problemsOf(draft: StreamDraft): DraftProblem[] {
  const problems: DraftProblem[] = [];
  const say = (place: string, where: string, message: string | undefined) => {
    if (message !== undefined) problems.push({ place, where, message });
  };
  say("name", "Stream name", nameFault(draft.name));
  if (draft.folderRid === undefined) {
    say("folder", "Location", "Choose the project that the stream is to lie in.");
  }
  if (draft.fields.length === 0) say("fields", "Schema", "Add at least one field.");
  problems.push(...fieldProblemsOf(draft.fields));
  for (const field of draft.fields) {
    if (field.isKey && !mayBeKey(field.kind)) {
      say(`${field.id}:key`, titleOf(field), `${sentence(aKind(field.kind))} cannot be a key.`);
    }
  }
  if (draft.isCaptured) checkCapture(draft, say);
  return problems;
}

/** Find what is wrong with the fields of a record, besides which of them are keys. */
export function fieldProblemsOf(fields: readonly FieldDraft[]): DraftProblem[] {
  const problems: DraftProblem[] = [];
  const say: Say = (place, where, message) => {
    if (message !== undefined) problems.push({ place, where, message });
  };
  if (countOf(fields) > FIELDS_MAX) {
    say("fields", "Schema", `A schema may have ${FIELDS_MAX} fields.`);
  }
  checkLevel(fields, "", 1, say);
  return problems;
}

type Say = (place: string, where: string, message: string | undefined) => void;

function checkLevel(fields: readonly FieldDraft[], path: string, depth: number, say: Say): void {
  const seen = new Set<string>();
  fields.forEach((field, index) => {
    const name = field.name === "" ? `field ${index + 1}` : field.name;
    const where = `${path}${name}`;
    const fault = seen.has(field.name)
      ? "Another field has this name."
      : fieldNameFault(field.name);
    seen.add(field.name);
    say(`${field.id}:name`, capital(where), fault);
    checkType(field, where, depth, say);
  });
}

function checkType(field: FieldDraft, where: string, depth: number, say: Say): void {
  const place = `${field.id}:type`;
  const [first, second] = field.parts;
  if (depth > DEPTH_MAX) {
    say(place, capital(where), `A schema may have ${DEPTH_MAX} levels.`);
    return;
  }
  if (field.kind === "decimal") checkDecimal(field, where, say);
  if (field.kind === "struct") {
    if (field.parts.length === 0) say(place, capital(where), "A struct needs at least one field.");
    checkLevel(field.parts, `${where}.`, depth + 1, say);
  }
  if (field.kind === "array" && first) checkType(first, `items of ${where}`, depth + 1, say);
  if (field.kind === "map" && first && second) {
    if (!mayBeKey(first.kind)) {
      say(
        `${first.id}:type`,
        capital(`keys of ${where}`),
        `${sentence(aKind(first.kind))} cannot be a key.`,
      );
    }
    checkType(first, `keys of ${where}`, depth + 1, say);
    checkType(second, `values of ${where}`, depth + 1, say);
  }
}

function checkDecimal(field: FieldDraft, where: string, say: Say): void {
  const precision = wholeNumber(field.precision);
  const scale = wholeNumber(field.scale);
  const isPrecise = precision !== undefined && precision >= 1 && precision <= PRECISION_MAX;
  if (!isPrecise) {
    say(`${field.id}:precision`, capital(where), `The precision is 1 to ${PRECISION_MAX}.`);
  } else if (scale === undefined || scale > precision) {
    say(`${field.id}:scale`, capital(where), `The scale is 0 to the precision, ${precision}.`);
  }
}

function checkCapture(draft: StreamDraft, say: Say): void {
  const find = (id: string) => draft.fields.find((field) => field.id === id);
  const ordering = find(draft.orderingId);
  const deletion = find(draft.deletionId);
  if (!draft.fields.some((field) => field.isKey)) {
    say("capture", "Change data capture", "Mark the fields of the primary key as keys.");
  }
  if (ordering === undefined) {
    say("ordering", "Ordering field", "Choose the field that tells which state is the newest.");
  } else if (!mayOrder(ordering.kind)) {
    say("ordering", "Ordering field", `${sentence(aKind(ordering.kind))} cannot order records.`);
  }
  if (deletion === undefined) {
    say("deletion", "Deletion field", "Choose the field that tells that a row is gone.");
  } else if (deletion.kind !== "boolean") {
    say("deletion", "Deletion field", "The deletion field is a boolean.");
  }
}

function nameFault(name: string): string | undefined {
  const trimmed = name.trim();
  if (trimmed === "") return "Give the stream a name.";
  if (trimmed.length > NAME_LENGTH_MAX) return `A name has at most ${NAME_LENGTH_MAX} characters.`;
  if (trimmed === "." || trimmed === "..") return "A name cannot be a point or two.";
  return trimmed.includes("/") ? "A name has no slash." : undefined;
}

function fieldNameFault(name: string): string | undefined {
  if (name === "") return "Give the field a name.";
  if (name.length > FIELD_NAME_LENGTH_MAX) {
    return `A name has at most ${FIELD_NAME_LENGTH_MAX} characters.`;
  }
  return FIELD_NAME_FORBIDDEN.test(name)
    ? "A name has no quotation mark, backslash or control character."
    : undefined;
}

function wholeNumber(text: string): number | undefined {
  return /^\d{1,3}$/.test(text.trim()) ? Number(text) : undefined;
}

function countOf(fields: readonly FieldDraft[]): number {
  return fields.reduce((sum, field) => sum + 1 + countOf(field.parts), 0);
}

function titleOf(field: FieldDraft): string {
  return field.name === "" ? "A field" : field.name;
}

/** Only words of ours get a capital; the name of a field stays as it is. */
function capital(where: string): string {
  return /^(field \d|items of|keys of|values of)/.test(where)
    ? where.charAt(0).toUpperCase() + where.slice(1)
    : where;
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
