import { expect, test } from "vitest";
import { columnFacts, columnQuery, ROWS_MAX, rowsQuery } from "./archive-query";

test("rows are sorted and filtered by the server, and nothing ends the quotes", () => {
  const query = rowsQuery(
    '"/Main/s"',
    [
      { column: 'a"b', operator: "eq", value: "it's" },
      { column: "n", operator: "null", value: "" },
      { column: "t", operator: "contains", value: "X" },
    ],
    { name: "n", isDescending: true },
  );

  expect(query).toBe(
    `SELECT * FROM "/Main/s" WHERE "a""b" = 'it''s' AND "n" IS NULL` +
      ` AND contains(lower(CAST("t" AS VARCHAR)), lower('X'))` +
      ` ORDER BY "n" DESC NULLS LAST LIMIT ${ROWS_MAX}`,
  );
});

test("only what has distances has a histogram", () => {
  const query = (type: string) => columnQuery('"/Main/s"', [], { name: "c", type });

  expect(query("double")).toContain("CAST(c AS DOUBLE)");
  expect(query("timestamp[us, tz=UTC]")).toContain("epoch(CAST(c AS TIMESTAMP))");
  expect(query("string")).not.toContain("floor");
});

test("what is said of a column is read from its row", () => {
  const top = [{ value: "1", n: 2 }];
  const buckets = [
    { bucket: 0, n: 2 },
    { bucket: 23, n: 1 },
  ];

  const facts = columnFacts([4, 3, 2, "0.0", "24.0", 0, 24, buckets, top]);

  expect(facts).toMatchObject({ total: 4, present: 3, distinct: 2, least: "0.0", top });
  expect(facts.histogram?.middles.slice(0, 2)).toEqual([0.5, 1.5]);
  expect(facts.histogram?.counts).toEqual([2, ...new Array(22).fill(0), 1]);
  const one = columnFacts([1, 1, 1, "7", "7", 7, 7, [{ bucket: 0, n: 1 }], null]);
  expect(one.histogram).toEqual({ middles: [7], counts: [1] });
  expect(columnFacts([0, 0, 0, null, null, null, null, null, null]).histogram).toBeUndefined();
});
