import { jsonLanguage } from "@codemirror/lang-json";

/** A stretch of the text, in UTF-16 units. */
export interface Place {
  from: number;
  to: number;
}

type Node = ReturnType<typeof jsonLanguage.parser.parse>["topNode"];

/** Where the text stops being JSON. */
export function placeOfFault(text: string): Place {
  let fault: Place | undefined;
  jsonLanguage.parser.parse(text).iterate({
    enter: (node) => {
      if (node.type.isError && fault === undefined) fault = { from: node.from, to: node.to };
      return fault === undefined;
    },
  });
  const { from, to } = fault ?? { from: text.length, to: text.length };
  // Something must be marked, also where something is missing.
  return to > from ? { from, to } : { from: Math.max(0, from - 1), to: Math.max(1, from) };
}

/**
 * Where a field of a record stands in JSON text.
 *
 * The path is written as the server does, `address.lines[2]`. A field that is missing is where its
 * parent is.
 */
export function placeOf(text: string, index: number, path: string, isWrapped: boolean): Place {
  const root = jsonLanguage.parser.parse(text).topNode.firstChild;
  const record = root?.name === "Array" ? items(root)[index] : root;
  if (record == null) return { from: 0, to: text.length };
  const value = isWrapped ? property(text, record, "value")?.value : record;
  return descend(text, value ?? record, path);
}

function descend(text: string, node: Node, path: string): Place {
  if (path === "") return start(node);
  const item = /^\[(\d+)\]\.?/.exec(path);
  if (item !== null) {
    const found = node.name === "Array" ? items(node)[Number(item[1])] : undefined;
    return found === undefined ? start(node) : descend(text, found, path.slice(item[0].length));
  }
  const key = /^\[("(?:[^"\\]|\\.)*")\]\.?/.exec(path);
  if (key !== null) {
    const found = property(text, node, unquoted(key[1] ?? ""));
    const rest = path.slice(key[0].length);
    if (found === undefined) return start(node);
    return rest === ""
      ? { from: found.from, to: found.value.to }
      : descend(text, found.value, rest);
  }
  // A name may itself have points in it: the longest that fits is meant.
  const found = properties(text, node)
    .filter(
      ({ name }) => path === name || path.startsWith(`${name}.`) || path.startsWith(`${name}[`),
    )
    .sort((one, other) => other.name.length - one.name.length)[0];
  if (found === undefined) return start(node);
  const rest = path.slice(found.name.length).replace(/^\./, "");
  if (rest !== "") return descend(text, found.value, rest);
  return { from: found.from, to: found.value.to };
}

/** A whole object would colour everything: its first line says enough. */
function start(node: Node): Place {
  return { from: node.from, to: node.name === "Object" ? node.from + 1 : node.to };
}

interface Property {
  name: string;
  from: number;
  value: Node;
}

function property(text: string, node: Node, name: string): Property | undefined {
  return properties(text, node).find((one) => one.name === name);
}

function properties(text: string, node: Node): Property[] {
  return node.getChildren("Property").flatMap((one) => {
    const name = one.getChild("PropertyName");
    const value = one.lastChild;
    if (name === null || value === null || value === name) return [];
    return [{ name: unquoted(text.slice(name.from, name.to)), from: name.from, value }];
  });
}

function items(node: Node): Node[] {
  const found: Node[] = [];
  for (let child = node.firstChild; child !== null; child = child.nextSibling) {
    if (!["[", "]", ","].includes(child.name) && !child.type.isError) found.push(child);
  }
  return found;
}

function unquoted(name: string): string {
  try {
    return String(JSON.parse(name));
  } catch {
    return name;
  }
}
