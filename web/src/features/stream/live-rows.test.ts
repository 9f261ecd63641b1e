import { expect, test } from "vitest";
import { matchingRows, mergeRows, ROWS_HELD_MAX, ROWS_SHOWN_MAX, rowsOf } from "./live-rows";

function rows(partition: number, first: number, count: number) {
  return rowsOf({
    partition,
    skipped: 0,
    records: Array.from({ length: count }, (_, index) => ({
      offset: first + index,
      time: new Date(1_700_000_000_000 + first + index).toISOString(),
      value: { id: `k${first + index}`, text: `Value ${partition}` },
    })),
  });
}

const NO_FILTER = { text: "", key: "", keyFields: [] };

test("the newest stand first, whatever partition they came from", () => {
  const merged = mergeRows(mergeRows([], rows(0, 0, 3)), rows(1, 1, 3));

  expect(merged.map((row) => row.key)).toEqual(["1:3", "0:2", "1:2", "0:1", "1:1", "0:0"]);
});

test("what comes again after a lost connection is shown once", () => {
  const merged = mergeRows(rows(0, 0, 3).toReversed(), rows(0, 1, 3));

  expect(merged.map((row) => row.offset)).toEqual([3, 2, 1, 0]);
});

test("older rows make room", () => {
  const merged = mergeRows(rows(0, 0, ROWS_HELD_MAX).toReversed(), rows(0, ROWS_HELD_MAX, 1));

  expect(merged).toHaveLength(ROWS_HELD_MAX);
  expect(merged[0]?.offset).toBe(ROWS_HELD_MAX);
  expect(matchingRows(merged, NO_FILTER)).toHaveLength(ROWS_SHOWN_MAX);
});

test("rows are found by text and by key", () => {
  const held = [...rows(0, 0, 3), ...rows(1, 0, 3)];

  expect(matchingRows(held, { ...NO_FILTER, text: "value 1" })).toHaveLength(3);
  expect(matchingRows(held, { text: "", key: "k2", keyFields: ["id"] })).toHaveLength(2);
  expect(matchingRows(held, { text: "value 1", key: "k2", keyFields: ["id"] })).toHaveLength(1);
});
