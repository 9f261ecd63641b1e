import { expect, test } from "vitest";
import { secondsOpen, stepText, timelineOf } from "./history-data";
import type { Transaction } from "./use-dataset";

const START = Date.parse("2026-11-29T10:00:00Z");

function closed(seconds: number, status: Transaction["status"] = "COMMITTED"): Transaction {
  const createdTime = new Date(START + seconds * 1000 - 500).toISOString();
  const closedTime = new Date(START + seconds * 1000).toISOString();
  return { rid: `t${seconds}`, transactionType: "APPEND", status, createdTime, closedTime };
}

test("commits are counted in stretches of a length that people use", () => {
  const timeline = timelineOf([closed(0), closed(7), closed(200), closed(30, "ABORTED")]);

  expect(timeline?.stepSeconds).toBe(5);
  expect(timeline?.times[0]).toBe(START / 1000);
  expect(timeline?.counts).toHaveLength(41);
  expect([0, 1, 40].map((at) => timeline?.counts[at])).toEqual([1, 1, 1]);
  expect(timeline?.counts.reduce((sum, count) => sum + count)).toBe(3);
});

test("nothing committed is no timeline, and one commit is the last of ten stretches", () => {
  expect(timelineOf([closed(0, "ABORTED")])).toBeUndefined();
  expect(timelineOf([closed(0)])).toMatchObject({
    counts: [0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
    stepSeconds: 1,
  });
});

test("stretches and times are said in words", () => {
  expect([1, 30, 60, 3_600, 21_600, 604_800].map(stepText)).toEqual([
    "a second",
    "30 seconds",
    "a minute",
    "an hour",
    "6 hours",
    "7 days",
  ]);
  expect(secondsOpen(closed(1))).toBe(0.5);
});
