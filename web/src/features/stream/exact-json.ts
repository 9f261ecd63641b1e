interface RawNumber {
  rawJSON: string;
}

type ExactReviver = (key: string, value: unknown, context?: { source?: string }) => unknown;

const rawJson = (JSON as { rawJSON?: (source: string) => RawNumber }).rawJSON;

/**
 * Parse JSON so that its numbers are written again as they were.
 *
 * A long has more digits than a JavaScript number holds. Where the browser can, such a number
 * stays its text, which `writeJson` and `textOf` give back.
 */
export function parseExactly(text: string): unknown {
  const revive: ExactReviver = (_, value, context) => {
    const source = context?.source;
    const isKept = typeof value !== "number" || source === undefined || String(value) === source;
    return isKept || rawJson === undefined ? value : rawJson(source);
  };
  return JSON.parse(text, revive);
}

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;

/** Lay JSON out over several lines, token by token: not a character of its values is touched. */
export function layOutJson(text: string): string {
  let depth = 0;
  let out = "";
  let before = "";
  for (const [token] of text.matchAll(TOKEN)) {
    const isEnd = token === "}" || token === "]";
    if (isEnd) depth -= 1;
    const isEmpty = isEnd && (before === "{" || before === "[");
    const isNewLine = before === "{" || before === "[" || before === "," || isEnd;
    if (isNewLine && !isEmpty) out += `\n${"  ".repeat(depth)}`;
    out += token === ":" ? ": " : token;
    if (token === "{" || token === "[") depth += 1;
    before = token;
  }
  return out;
}

/** Write a value that was parsed exactly, on one line or with *indent*. */
export function writeJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent) ?? "null";
}

/** Give a number's own digits, a string's own characters, and JSON for anything else. */
export function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  return isRawNumber(value) ? value.rawJSON : writeJson(value);
}

/** Whether *value* is a number, however it is held. */
export function isNumeric(value: unknown): boolean {
  return typeof value === "number" || isRawNumber(value);
}

function isRawNumber(value: unknown): value is RawNumber {
  // Such an object is frozen and has no prototype: nothing that was parsed as an object is like it.
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === null;
}
