import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, useApi } from "@/lib/api";
import { bodyOf, type RecordsText } from "./records-text";

const NEWEST_MAX = 10;
const NEWEST_EVERY_MS = 2_000;

/** A stream and the branch of it that records go to. */
export interface PushTarget {
  rid: string;
  branch: string;
}

/** Make a personal token that lives for some seconds; gives its text. */
export function useCreateToken() {
  const api = useApi();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async ({ name, seconds }: { name: string; seconds: number }) => {
      const body = {
        name,
        description: "Made on the page Push data, to try the stream.",
        secondsToLive: seconds,
      };
      return (await answer(api.POST("/multipass/api/tokens", { body }))).access_token;
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: ["tokens"] }),
  });
}

/** Push records as the person at the page, with the text as it was typed. */
export function usePushRecords({ rid, branch }: PushTarget) {
  const api = useApi();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async ({ text, read }: { text: string; read: RecordsText }) => {
      const path = { dataset_rid: rid, branch_name: branch };
      const raw = { body: [] as never, bodySerializer: () => bodyOf(text, read) };
      const call = read.isWrapped
        ? api.POST("/stream-proxy/api/streams/{dataset_rid}/branches/{branch_name}/jsonRecords", {
            params: { path },
            ...raw,
          })
        : api.POST(
            "/api/v2/highScale/streams/datasets/{dataset_rid}/streams/{branch_name}/publishRecords",
            { params: { path }, ...raw },
          );
      await call;
      return read.records.length;
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: newestKey({ rid, branch }) }),
  });
}

/** The newest records of the stream, newest first; read again every two seconds. */
export function useNewestRecords(target: PushTarget) {
  const api = useApi();
  return useQuery({
    queryKey: newestKey(target),
    refetchInterval: ({ state }) => (state.status === "error" ? false : NEWEST_EVERY_MS),
    queryFn: async () => {
      const { records } = await answer(
        api.GET("/stream-proxy/api/streams/{dataset_rid}/branches/{branch_name}/records", {
          params: {
            path: { dataset_rid: target.rid, branch_name: target.branch },
            query: { limit: NEWEST_MAX },
          },
        }),
      );
      return records.map((record) => record.value as unknown).reverse();
    },
  });
}

function newestKey({ rid, branch }: PushTarget) {
  return ["streams", rid, branch, "newest"];
}
