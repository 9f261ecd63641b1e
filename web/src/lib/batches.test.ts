import { expect, test } from "vitest";
import { BATCH_MAX, inBatches } from "./batches";

test.each([
  [0, []],
  [1, [1]],
  [BATCH_MAX, [BATCH_MAX]],
  [BATCH_MAX + 1, [BATCH_MAX, 1]],
])("%d resources are asked about in as few calls as are allowed", async (count, sizes) => {
  const rids = Array.from({ length: count }, (_, at) => `ri.${at}`);
  const asked: number[] = [];

  const found = await inBatches(rids, async (some) => {
    asked.push(some.length);
    return Object.fromEntries(some.map((rid) => [rid, rid.length]));
  });

  expect(asked).toEqual(sizes);
  expect(Object.keys(found)).toEqual(rids);
});

test("a call that fails fails all", async () => {
  const refused = inBatches(["ri.1"], () => Promise.reject(new Error("overloaded")));

  await expect(refused).rejects.toThrow("overloaded");
});
