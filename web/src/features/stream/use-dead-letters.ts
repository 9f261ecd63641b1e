import { useInfiniteQuery, useMutation } from "@tanstack/react-query";
import { answer, useApi } from "@/lib/api";
import { at, keyOf, useRefresh } from "./use-stream";
import type { StreamName } from "./wire";

const PAGE_SIZE = 100;
const REFRESH_MS = 10_000;

/** The stream's open dead letters, oldest first; the first pages are kept fresh. */
export function useDeadLetters(stream: StreamName, isEnabled: boolean) {
  const api = useApi();
  return useInfiniteQuery({
    enabled: isEnabled,
    queryKey: [...keyOf(stream), "dead-letters"],
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
