import { expect, test } from "vitest";
import { layOutJson } from "./exact-json";

test("JSON is laid out as the browser would", () => {
  const value = { a: 1, b: [], c: {}, d: [1, [true, null]], "e:{,": 'x " y \\', f: { g: "" } };

  expect(layOutJson(JSON.stringify(value))).toBe(JSON.stringify(value, null, 2));
});

test("no digit and no repeated name is lost", () => {
  const text = '{"a":9007199254740993,"a":1e400,"1":-0.10}';

  expect(layOutJson(text).replaceAll(/\s/g, "")).toBe(text);
});
