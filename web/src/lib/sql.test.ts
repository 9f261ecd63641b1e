import { expect, test } from "vitest";
import { isNumberColumn, quoteName, quoteText, tableOf, valueText } from "./sql";

test("names and texts cannot end their quotes", () => {
  expect(quoteName('a"b')).toBe('"a""b"');
  expect(quoteText("it's")).toBe("'it''s'");
});

test("a stream is named by its path, and by its branch where that is another one", () => {
  expect(tableOf("/Main/P/s", "master", "master")).toBe('"/Main/P/s"');
  expect(tableOf("/Main/P/s", "feat/x", "master")).toBe('"feat/x"."/Main/P/s"');
});

test("no digit of a value is lost", () => {
  expect(valueText("9007199254740993")).toBe("9007199254740993");
  expect(valueText(1.5)).toBe("1.5");
  expect(valueText({ a: [1, null] })).toBe('{"a":[1,null]}');
});

test("numbers are told by their type", () => {
  const numbers = ["int64", "uint8", "double", "halffloat", "decimal128(10, 2)"];
  const others = ["string", "bool", "timestamp[us]", "list<item: int64>", "interval"];

  expect(numbers.filter((type) => !isNumberColumn({ name: "", type }))).toEqual([]);
  expect(others.filter((type) => isNumberColumn({ name: "", type }))).toEqual([]);
});
