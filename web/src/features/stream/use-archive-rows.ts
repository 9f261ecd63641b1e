import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useApi } from "@/lib/api";
import { runQuery } from "@/lib/sql";
import { keyOf } from "./use-stream";
import type { StreamName } from "./wire";

/** What a query over the stream gives; asked once, and again when somebody says so. */
export function useArchiveRows(stream: StreamName, query: string) {
  const api = useApi();
  return useQuery({
    queryKey: [...keyOf(stream), "sql", query],
    queryFn: ({ signal }) => runQuery(api, query, signal),
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
  });
}
