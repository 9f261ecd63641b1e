import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { answer, type Schema, useApi } from "@/lib/api";
import { DEFAULT_BRANCH, streamQuery } from "@/lib/streams";

export type QueryTable = Schema<"QueryTable">;

/** The streams that may be queried, with *text* in their name. */
export function useTables(text: string) {
  const api = useApi();
  return useQuery({
    queryKey: ["sql", "tables", text],
    queryFn: () => answer(api.GET("/api/v1/sqlTables", { params: { query: { text } } })),
    placeholderData: keepPreviousData,
  });
}

/** The fields of a stream; nothing is asked while it *isOpen* not. */
export function useFields(table: QueryTable, isOpen: boolean) {
  const api = useApi();
  return useQuery({ ...streamQuery(api, table.datasetRid, DEFAULT_BRANCH), enabled: isOpen });
}
