import { ApiError, messageOf } from "@/lib/errors";

/** Where in *query* the server saw a problem; nothing if it did not say. */
export function problemsIn(query: string, error: unknown) {
  if (!(error instanceof ApiError)) return [];
  const { position } = error.parameters;
  if (typeof position !== "number") return [];
  const from = unitsOf(query, position);
  const word = /^(\w+|.)/u.exec(query.slice(from))?.[0] ?? "";
  return [{ from, to: from + word.length, message: messageOf(error) }];
}

/** The server counts bytes of UTF-8; an editor counts UTF-16 units. */
function unitsOf(text: string, bytes: number): number {
  const start = new TextEncoder().encode(text).slice(0, bytes);
  return new TextDecoder().decode(start).length;
}
