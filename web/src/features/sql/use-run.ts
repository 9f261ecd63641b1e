import { useEffect, useRef, useState } from "react";
import { useApi } from "@/lib/api";
import { runQuery, type SqlResult } from "@/lib/sql";

/** How the query that was run last is. */
export type Run =
  | { state: "none" }
  | { state: "running"; startedMs: number }
  | { state: "done"; result: SqlResult }
  | { state: "failed"; query: string; error: unknown }
  | { state: "canceled" };

/** Runs one query at a time; leaving the page cancels it. */
export function useRun() {
  const api = useApi();
  const [run, setRun] = useState<Run>({ state: "none" });
  const current = useRef<AbortController>(undefined);
  useEffect(() => () => current.current?.abort(), []);

  const begin = async (query: string) => {
    current.current?.abort();
    const controller = new AbortController();
    current.current = controller;
    const show = (next: Run) => {
      if (current.current === controller) setRun(next);
    };
    show({ state: "running", startedMs: Date.now() });
    try {
      show({ state: "done", result: await runQuery(api, query, controller.signal) });
    } catch (error) {
      show(controller.signal.aborted ? { state: "canceled" } : { state: "failed", query, error });
    }
  };
  return { run, begin, cancel: () => current.current?.abort() };
}
