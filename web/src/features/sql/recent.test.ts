import { beforeEach, expect, test } from "vitest";
import { addRecent, RECENT_MAX, readRecent } from "./recent";

beforeEach(() => window.localStorage.clear());

test("the newest queries are kept for each user, each once", () => {
  addRecent("ada", "SELECT 1");
  addRecent("ada", "SELECT 2");
  addRecent("ada", "SELECT 1");
  addRecent("grace", "SELECT 3");

  expect(readRecent("ada")).toEqual(["SELECT 1", "SELECT 2"]);
  expect(readRecent("grace")).toEqual(["SELECT 3"]);
});

test("their number and length are bounded", () => {
  for (let n = 0; n <= RECENT_MAX; n += 1) addRecent("ada", `SELECT ${n}`);

  expect(readRecent("ada")).toHaveLength(RECENT_MAX);
  expect(readRecent("ada")).not.toContain("SELECT 0");
  const [newest] = readRecent("ada");
  expect(addRecent("ada", "x".repeat(10_001))[0]).toBe(newest);
  expect(addRecent("ada", "x".repeat(10_000))[0]).toHaveLength(10_000);
});

test("what somebody else put there is no query", () => {
  window.localStorage.setItem("sluiceway.queries.ada", '["SELECT 1", 7');
  expect(readRecent("ada")).toEqual([]);
  window.localStorage.setItem("sluiceway.queries.ada", '["SELECT 1", 7]');
  expect(readRecent("ada")).toEqual(["SELECT 1"]);
});
