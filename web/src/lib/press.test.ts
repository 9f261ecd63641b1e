import { fireEvent } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import { afterPress } from "./press";

test("what would move the page waits until the click is over", () => {
  vi.useFakeTimers();
  const happened: string[] = [];
  document.addEventListener("click", () => happened.push("click"), { once: true });

  fireEvent.pointerDown(document.body);
  afterPress(() => happened.push("moved"));
  fireEvent.pointerUp(document.body);
  fireEvent.click(document.body);
  vi.runAllTimers();
  vi.useRealTimers();

  expect(happened).toEqual(["click", "moved"]);
});

test("by keyboard nothing waits", () => {
  const action = vi.fn();

  afterPress(action);

  expect(action).toHaveBeenCalledOnce();
});
