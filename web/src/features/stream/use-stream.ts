import {
  keepPreviousData,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { answer, type Schema, useApi } from "@/lib/api";
import type { StreamName, Window } from "./wire";

const PAGE_SIZE = 50;
const SUBSCRIBERS_MAX = 500;
const SUBSCRIBERS_REFRESH_MS = 5_000;
const STATISTICS_REFRESH_MS = { "5m": 2_000, "1h": 10_000, "24h": 60_000 } as const;

/** What is known of a stream. */
export function useStream(stream: StreamName) {
  const api = useApi();
  return useQuery({
    queryKey: [...keyOf(stream), "description"],
    queryFn: () =>
      answer(
        api.GET("/api/v1/streams/{dataset_rid}/{branch_name}/description", {
          params: { path: at(stream) },
        }),
      ),
  });
}

/** What was counted of a stream, kept fresh. */
export function useStatistics(stream: StreamName, window: Window) {
  const api = useApi();
  return useQuery({
    queryKey: [...keyOf(stream), "statistics", window],
    queryFn: () =>
      answer(
        api.GET("/api/v1/streams/{dataset_rid}/{branch_name}/statistics", {
          params: { path: at(stream), query: { window } },
        }),
      ),
    refetchInterval: STATISTICS_REFRESH_MS[window],
    placeholderData: keepPreviousData,
  });
}

/** The open table of a stream. */
export function useArchive(stream: StreamName) {
  const api = useApi();
  return useQuery({
    queryKey: [...keyOf(stream), "archive"],
    queryFn: () =>
      answer(
        api.GET("/api/v1/streams/{dataset_rid}/{branch_name}/archive", {
          params: { path: at(stream) },
        }),
      ),
  });
}

/** The subscribers of a stream, kept fresh. */
export function useSubscribers(stream: StreamName) {
  const api = useApi();
  return useQuery({
    queryKey: [...keyOf(stream), "subscribers"],
    queryFn: () =>
      answer(
        api.GET("/api/v1/streams/{dataset_rid}/{branch_name}/subscribers", {
          params: { path: at(stream), query: { pageSize: SUBSCRIBERS_MAX } },
        }),
      ),
    refetchInterval: SUBSCRIBERS_REFRESH_MS,
  });
}

/** Let a subscriber read from elsewhere. */
export function useResetSubscriber(stream: StreamName) {
  const api = useApi();
  const refresh = useRefresh(stream);
  return useMutation({
    mutationFn: ({ id, type }: { id: string; type: "earliest" | "latest" }) =>
      answer(
        api.POST(
          "/api/v2/highScale/streams/datasets/{dataset_rid}/streams/{branch_name}/subscribers/{subscriber_id}/resetOffsets",
          {
            params: {
              path: { ...at(stream), subscriber_id: id },
              query: { preview: true },
            },
            body: { position: { type } },
          },
        ),
      ),
    onSuccess: refresh,
  });
}

/** Forget a subscriber. */
export function useDeleteSubscriber(stream: StreamName) {
  const api = useApi();
  const refresh = useRefresh(stream);
  return useMutation({
    mutationFn: (id: string) =>
      answer(
        api.DELETE(
          "/api/v2/streams/datasets/{dataset_rid}/streams/{branch_name}/subscribers/{subscriber_id}",
          {
            params: {
              path: { ...at(stream), subscriber_id: id },
              query: { preview: true },
            },
          },
        ),
      ),
    onSuccess: refresh,
  });
}

/** What was done with a stream, the newest first. */
export function useActivity(stream: StreamName) {
  const api = useApi();
  return useInfiniteQuery({
    queryKey: [...keyOf(stream), "activity"],
    queryFn: ({ pageParam }) =>
      answer(
        api.GET("/api/v1/streams/{dataset_rid}/{branch_name}/activity", {
          params: {
            path: at(stream),
            query: { pageSize: PAGE_SIZE, ...(pageParam !== "" && { pageToken: pageParam }) },
          },
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (last) => last.nextPageToken ?? undefined,
  });
}

/** Give a stream a new, empty view. */
export function useResetStream(stream: StreamName) {
  const api = useApi();
  const refresh = useRefresh(stream);
  return useMutation({
    mutationFn: (body: Schema<"ResetStreamRequest">) =>
      answer(
        api.POST("/api/v2/streams/datasets/{dataset_rid}/streams/{branch_name}/reset", {
          params: { path: at(stream), query: { preview: true } },
          body,
        }),
      ),
    onSuccess: refresh,
  });
}

/** Move the stream's dataset to the trash, or take it out again. */
export function useTrashStream(rid: string) {
  const api = useApi();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (to: "trash" | "restore") => {
      const params = { path: { resource_rid: rid } };
      if (to === "trash") {
        await answer(api.DELETE("/api/v2/filesystem/resources/{resource_rid}", { params }));
      } else {
        await answer(api.POST("/api/v2/filesystem/resources/{resource_rid}/restore", { params }));
      }
    },
    onSuccess: () =>
      Promise.all([
        queries.invalidateQueries({ queryKey: ["stream", rid] }),
        queries.invalidateQueries({ queryKey: ["filesystem"] }),
      ]),
  });
}

/** Read again what is shown of a stream; after a reset, for instance. */
export function useRefresh(stream: StreamName) {
  const queries = useQueryClient();
  return () => queries.invalidateQueries({ queryKey: keyOf(stream) });
}

/** The path parameters of a stream. */
export function at({ rid, branch }: StreamName) {
  return { dataset_rid: rid, branch_name: branch };
}

/** What the queries of a stream have in common. */
export function keyOf({ rid, branch }: StreamName) {
  return ["stream", rid, branch];
}
