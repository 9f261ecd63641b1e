import { expect, test } from "vitest";
import { CONDITIONS_MAX, readAddress, VALUE_LENGTH_MAX, writeAddress } from "./archive-address";
import type { Condition } from "./archive-query";

const condition = (column: string, value = "a & b"): Condition => ({
  column,
  operator: "contains",
  value,
});

test.each([
  { conditions: [], sorting: undefined, isChangelog: false },
  { conditions: [], sorting: { name: "odd.name.desc", isDescending: false }, isChangelog: true },
  {
    conditions: [condition('say "x"'), { column: "n", operator: "null" as const, value: "" }],
    sorting: { name: "-n", isDescending: true },
    isChangelog: true,
  },
  {
    conditions: Array.from({ length: CONDITIONS_MAX }, (_, at) =>
      condition(`${at}`, "v".repeat(VALUE_LENGTH_MAX)),
    ),
    sorting: undefined,
    isChangelog: false,
  },
])("what is written into an address is read from it", (choice) => {
  expect(readAddress(writeAddress(choice))).toEqual(choice);
});

test.each([
  { sort: "temperature" },
  { sort: ".asc" },
  { rows: "all" },
  { filter: "temperature" },
  { filter: '{"column":"n"}' },
  { filter: '["n"]' },
  { filter: '[["n","eq"]]' },
  { filter: '[["n","eq","1","2"]]' },
  { filter: '[["n","like","1"]]' },
  { filter: '[["n","eq",1]]' },
  { filter: JSON.stringify([["n", "eq", "v".repeat(VALUE_LENGTH_MAX + 1)]]) },
  { filter: JSON.stringify(Array.from({ length: CONDITIONS_MAX + 1 }, () => ["n", "eq", "1"])) },
])("an address that was not written here is not read as something else: %o", (address) => {
  expect(readAddress(address)).toBeUndefined();
});
