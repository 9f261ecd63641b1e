import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type Api, answer, useApi } from "@/lib/api";
import type { DatasetBranch } from "./use-dataset";

const PAGE_SIZE = 100;

/** Make a branch: an empty one, or one that goes on from what *from* has now. */
export function useCreateBranch(rid: string) {
  const api = useApi();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async ({ name, from }: { name: string; from: string | undefined }) => {
      const transactionRid =
        from === undefined ? undefined : await lastCommitted(api, { rid, branch: from });
      return answer(
        api.POST("/api/v2/datasets/{dataset_rid}/branches", {
          params: { path: { dataset_rid: rid } },
          body: { name, ...(transactionRid !== undefined && { transactionRid }) },
        }),
      );
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: ["dataset", rid] }),
  });
}

/** Forget a branch. */
export function useDeleteBranch({ rid, branch }: DatasetBranch) {
  const api = useApi();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () =>
      answer(
        api.DELETE("/api/v2/datasets/{dataset_rid}/branches/{branch_name}", {
          params: { path: { dataset_rid: rid, branch_name: branch } },
        }),
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["dataset", rid, "branches"] }),
  });
}

/** The newest transaction that the branch's view has; one that is open is not yet in it. */
async function lastCommitted(
  api: Api,
  { rid, branch }: DatasetBranch,
): Promise<string | undefined> {
  let pageToken: string | null | undefined;
  do {
    const page = await answer(
      api.GET("/api/v2/datasets/{dataset_rid}/branches/{branch_name}/transactions", {
        params: {
          path: { dataset_rid: rid, branch_name: branch },
          query: { preview: true, pageSize: PAGE_SIZE, ...(pageToken && { pageToken }) },
        },
      }),
    );
    const found = page.data.find(({ status }) => status === "COMMITTED");
    if (found !== undefined) return found.rid;
    pageToken = page.nextPageToken;
  } while (pageToken);
  return undefined;
}
