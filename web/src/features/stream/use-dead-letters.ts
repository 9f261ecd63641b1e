import { useInfiniteQuery, useMutation, useQuery } from "@tanstack/react-query";
import { answer, useApi } from "@/lib/api";
import { at, keyOf, useRefresh } from "./use-stream";
import type { StreamName } from "./wire";

const PAGE_SIZE = 100;
const REFRESH_MS = 10_000;

/** How many open dead letters the stream has, kept fresh; asked for with no more than one. */
export function useDeadLetterCount(stream: StreamName, isEnabled: boolean): number {
  const api = useApi();
  const counted = useQuery({
    enabled: isEnabled,
    queryKey: [...keyOf(stream), "dead-letters", "count"],
    queryFn: () =>
      answer(
        api.GET("/api/v1/streams/{dataset_rid}/{branch_name}/dead-letters", {
          params: { path: at(stream), query: { pageSize: 1 } },
        }),
      ),
    refetchInterval: ({ state }) => (state.status === "error" ? false : REFRESH_MS),
  });
  return counted.data?.openCount ?? 0;
}

/** The stream's open dead letters, oldest first; the pages that were loaded are kept fresh. */
export function useDeadLetters(stream: StreamName) {
  const api = useApi();
  return useInfiniteQuery({
    queryKey: [...keyOf(stream), "dead-letters", "list"],
    queryFn: ({ pageParam }) =>
      answer(
        api.GET("/api/v1/streams/{dataset_rid}/{branch_name}/dead-letters", {
          params: {
            path: at(stream),
            query: { pageSize: PAGE_SIZE, ...(pageParam !== "" && { pageToken: pageParam }) },
          },
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (last) => last.nextPageToken ?? undefined,
    refetchInterval: ({ state }) => (state.status === "error" ? false : REFRESH_MS),
  });
}

/** Publish the record of one letter as *text*, the JSON that was typed, to its last digit. */
export function useReplayDeadLetter(stream: StreamName, letterId: string) {
  const api = useApi();
  const refresh = useRefresh(stream);
  return useMutation({
    mutationFn: (text: string) =>
      answer(
        api.POST("/api/v1/streams/{dataset_rid}/{branch_name}/dead-letters/{letter_id}/replay", {
          params: { path: { ...at(stream), letter_id: letterId } },
          body: {},
          bodySerializer: () => `{"value": ${text}}`,
        }),
      ),
    onSuccess: refresh,
  });
}

/** Replay letters as they were sent, or give them up; says what became of each. */
export function useResolveDeadLetters(stream: StreamName, action: "replay" | "discard") {
  const api = useApi();
  const refresh = useRefresh(stream);
  return useMutation({
    mutationFn: async (letterIds: string[]) => {
      const params = { path: at(stream) };
      const body = { letterIds };
      const call =
        action === "replay"
          ? api.POST("/api/v1/streams/{dataset_rid}/{branch_name}/dead-letters/replay", {
              params,
              body,
            })
          : api.POST("/api/v1/streams/{dataset_rid}/{branch_name}/dead-letters/discard", {
              params,
              body,
            });
      return (await answer(call)).results;
    },
    onSuccess: refresh,
  });
}
