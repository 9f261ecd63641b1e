import { expect, test } from "vitest";
import type { SqlResult } from "@/lib/sql";
import { chartData, firstChoice, NAMES_MAX } from "./chart-data";

function result(types: Record<string, string>, rows: unknown[][]): SqlResult {
  return {
    queryId: "q",
    rowsCount: rows.length,
    resultBytes: 1,
    seconds: 0.1,
    columns: Object.entries(types).map(([name, type]) => ({ name, type })),
    rows,
  };
}

test("times are drawn in their order, those without a zone as UTC", () => {
  const rows = [
    ["2026-11-29T10:00:01", 2],
    ["2026-11-29T10:00:00Z", "9007199254740993"],
    [null, 5],
  ];

  const data = chartData(result({ at: "timestamp[us]", n: "int64" }, rows), 0, 1);

  expect(data.axis).toBe("time");
  expect(data.xs.map((at) => new Date(at * 1000).toISOString())).toEqual([
    "2026-11-29T10:00:00.000Z",
    "2026-11-29T10:00:01.000Z",
  ]);
  expect(data.values).toEqual([9007199254740992, 2]);
});

test("texts are names in the order of the rows, and no more than one can see", () => {
  const rows = Array.from({ length: NAMES_MAX + 1 }, (_, at) => [`s${at}`, at === 1 ? null : at]);

  const data = chartData(result({ name: "string", n: "double" }, rows), 0, 1);

  expect(data.axis).toHaveLength(NAMES_MAX);
  expect(data.axis.slice(0, 3)).toEqual(["s0", "s1", "s2"]);
  expect(data.values.slice(0, 3)).toEqual([0, null, 2]);
});

test("a chart begins with a time, else a text, over the first other number", () => {
  const choice = (types: Record<string, string>) => firstChoice(result(types, []).columns);

  expect(choice({ n: "int64", at: "date32[day]", name: "string" })).toEqual({ x: 1, y: 0 });
  expect(choice({ n: "int64", name: "string" })).toEqual({ x: 1, y: 0 });
  expect(choice({ n: "int64", m: "decimal128(4, 2)" })).toEqual({ x: 0, y: 1 });
  expect(choice({ name: "string" })).toEqual({ x: 0, y: -1 });
});
