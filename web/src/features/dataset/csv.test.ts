import { expect, test } from "vitest";
import { parseCsv } from "./csv";

test("fields have quotes, commas and lines in them", () => {
  expect(parseCsv('a,b\n"x ""y"", z","1\n2"\r\n')).toEqual([
    ["a", "b"],
    ['x "y", z', "1\n2"],
  ]);
});

test("an empty field is null, and an empty text is not", () => {
  expect(parseCsv('a,b\n,""\n1,')).toEqual([
    ["a", "b"],
    [null, ""],
    ["1", null],
  ]);
});

test("nothing has no rows, and what is no CSV is refused", () => {
  expect(parseCsv("")).toEqual([]);
  expect(() => parseCsv('"a')).toThrow("it is no CSV");
});
