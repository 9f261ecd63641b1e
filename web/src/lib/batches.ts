/** Most elements that a batch call of the server takes. */
export const BATCH_MAX = 1000;

/** Ask about many resources in as few calls as are allowed; gives all answers, by RID. */
export async function inBatches<T>(
  rids: readonly string[],
  ask: (some: readonly string[]) => Promise<Record<string, T>>,
): Promise<Record<string, T>> {
  const batches = Array.from({ length: Math.ceil(rids.length / BATCH_MAX) }, (_, at) =>
    rids.slice(at * BATCH_MAX, (at + 1) * BATCH_MAX),
  );
  return Object.assign({}, ...(await Promise.all(batches.map(ask))));
}
