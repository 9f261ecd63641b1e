import { type RefObject, useEffect, useRef } from "react";

/** Keep the tab that is chosen in sight where a row of tabs is wider than the page. */
export function useShownTab<T extends HTMLElement>(tab: string): RefObject<T | null> {
  const around = useRef<T>(null);
  useEffect(() => {
    const row = around.current?.querySelector<HTMLElement>('[role="tablist"]');
    const chosen = row?.querySelector<HTMLElement>('[aria-selected="true"]');
    if (row == null || chosen == null) return;
    const middle = chosen.offsetLeft + chosen.offsetWidth / 2;
    row.scrollLeft = middle - row.clientWidth / 2;
  }, [tab]);
  return around;
}
