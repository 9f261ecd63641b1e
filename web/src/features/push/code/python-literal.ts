/** Write a JSON value as Python does; *indent* stands before each further line. */
export function pythonLiteral(value: unknown, indent = ""): string {
  if (value === null || value === undefined) return "None";
  if (value === true) return "True";
  if (value === false) return "False";
  // A JSON string means the same in Python.
  if (typeof value !== "object") return JSON.stringify(value);
  const deeper = `${indent}    `;
  if (Array.isArray(value)) {
    return block(
      "[",
      value.map((item) => pythonLiteral(item, deeper)),
      "]",
      indent,
    );
  }
  const entries = Object.entries(value).map(
    ([name, inner]) => `${JSON.stringify(name)}: ${pythonLiteral(inner, deeper)}`,
  );
  return block("{", entries, "}", indent);
}

function block(open: string, items: readonly string[], close: string, indent: string): string {
  if (items.length === 0) return `${open}${close}`;
  const inner = items.map((item) => `${indent}    ${item},\n`).join("");
  return `${open}\n${inner}${indent}${close}`;
}
