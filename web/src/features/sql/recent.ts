/** So many queries are kept, the newest first. */
export const RECENT_MAX = 20;
/** A longer one is not kept: storage is small, and shared by all pages. */
const LENGTH_MAX = 10_000;

/** The queries that a user ran last in this browser, the newest first. */
export function readRecent(userId: string): readonly string[] {
  try {
    const found: unknown = JSON.parse(window.localStorage.getItem(keyOf(userId)) ?? "[]");
    return Array.isArray(found) ? found.filter((one) => typeof one === "string") : [];
  } catch {
    // Storage is switched off, or has something else under that name: none are known.
    return [];
  }
}

/** Keep a query as the newest; gives those that are kept now. */
export function addRecent(userId: string, query: string): readonly string[] {
  const before = readRecent(userId).filter((one) => one !== query);
  if (query.length > LENGTH_MAX) return before;
  const recent = [query, ...before].slice(0, RECENT_MAX);
  try {
    window.localStorage.setItem(keyOf(userId), JSON.stringify(recent));
  } catch {
    // Storage is full or switched off: they last until the page is left.
  }
  return recent;
}

function keyOf(userId: string): string {
  return `sluiceway.queries.${userId}`;
}
