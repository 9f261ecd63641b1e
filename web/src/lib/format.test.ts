import { expect, test } from "vitest";
import { formatBytes, formatRelative, plural } from "./format";

test.each([
  [0, "0 B"],
  [999, "999 B"],
  [1000, "1.0 kB"],
  [999_499, "999 kB"],
  [999_950, "1.0 MB"],
  [1_234_567, "1.2 MB"],
])("%d bytes are written as %s", (bytes, written) => {
  expect(formatBytes(bytes)).toBe(written);
});

test.each([
  [-5, "just now"],
  [-100, "2 minutes ago"],
  [-86_400, "yesterday"],
  [3 * 86_400, "in 3 days"],
  [-400 * 86_400, "last year"],
])("%d seconds from now is %s", (seconds, written) => {
  expect(formatRelative(seconds * 1000, 0)).toBe(written);
});

test("one is not many", () => {
  expect(plural(1, "record")).toBe("1 record");
  expect(plural(1200, "record")).toBe("1,200 records");
});
