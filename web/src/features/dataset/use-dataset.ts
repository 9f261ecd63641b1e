import {
  type InfiniteData,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { answer, type Schema, useApi } from "@/lib/api";
import { isNamed } from "@/lib/errors";

/** A branch of a dataset. */
export interface DatasetBranch {
  rid: string;
  branch: string;
}

export type Dataset = Schema<"DatasetDescription">;
export type Transaction = Schema<"TransactionReply">;
export type DatasetFile = Schema<"FileReply">;

const PAGE_SIZE = 100;
const BRANCHES_MAX = 500;

/** What the queries of a dataset have in common. */
function keyOf(rid: string) {
  return ["dataset", rid];
}

/** What a dataset is, and what the person may do with it. */
export function useDataset(rid: string) {
  const api = useApi();
  return useQuery({
    queryKey: [...keyOf(rid), "description"],
    queryFn: () =>
      answer(
        api.GET("/api/v1/datasets/{dataset_rid}/description", {
          params: { path: { dataset_rid: rid } },
        }),
      ),
  });
}

/** The names of the branches of a dataset; nothing is asked for one who may not read it. */
export function useBranches(rid: string, mayRead: boolean) {
  const api = useApi();
  return useQuery({
    queryKey: [...keyOf(rid), "branches"],
    enabled: mayRead,
    queryFn: async () => {
      const found = await answer(
        api.GET("/api/v2/datasets/{dataset_rid}/branches", {
          params: { path: { dataset_rid: rid }, query: { pageSize: BRANCHES_MAX } },
        }),
      );
      return found.data.map(({ name }) => name);
    },
  });
}

/** The transactions of a branch, the latest first. */
export function useTransactions({ rid, branch }: DatasetBranch) {
  const api = useApi();
  return useInfiniteQuery({
    queryKey: [...keyOf(rid), branch, "transactions"],
    queryFn: ({ pageParam }) =>
      answer(
        api.GET("/api/v2/datasets/{dataset_rid}/branches/{branch_name}/transactions", {
          params: {
            path: { dataset_rid: rid, branch_name: branch },
            query: { preview: true, ...pageOf(pageParam) },
          },
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (last) => last.nextPageToken ?? undefined,
  });
}

/** The files of a branch, by path. */
export function useFiles({ rid, branch }: DatasetBranch) {
  const api = useApi();
  return useInfiniteQuery({
    queryKey: [...keyOf(rid), branch, "files"],
    queryFn: ({ pageParam }) =>
      answer(
        api.GET("/api/v2/datasets/{dataset_rid}/files", {
          params: {
            path: { dataset_rid: rid },
            query: { branchName: branch, ...pageOf(pageParam) },
          },
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (last) => last.nextPageToken ?? undefined,
  });
}

function pageOf(token: string) {
  return { pageSize: PAGE_SIZE, ...(token !== "" && { pageToken: token }) };
}

/** All that was read so far. */
export function allOf<T>(data: InfiniteData<{ data: T[] }> | undefined): T[] {
  return data?.pages.flatMap((page) => page.data) ?? [];
}

/** The schema of a branch; `null` where it has none yet. */
export function useDatasetSchema({ rid, branch }: DatasetBranch) {
  const api = useApi();
  return useQuery({
    queryKey: [...keyOf(rid), branch, "schema"],
    queryFn: async () => {
      try {
        return await answer(
          api.GET("/api/v2/datasets/{dataset_rid}/getSchema", {
            params: { path: { dataset_rid: rid }, query: { branchName: branch } },
          }),
        );
      } catch (error) {
        if (isNamed(error, "SchemaNotFound", "DatasetViewNotFound")) return null;
        throw error;
      }
    },
  });
}

/** The first rows of a branch as CSV, with the names of the columns in its first line. */
export function useTableCsv({ rid, branch }: DatasetBranch, rowLimit: number, isReady: boolean) {
  const api = useApi();
  return useQuery({
    queryKey: [...keyOf(rid), branch, "table", rowLimit],
    enabled: isReady,
    queryFn: async () => {
      const found = await api.GET("/api/v2/datasets/{dataset_rid}/readTable", {
        params: {
          path: { dataset_rid: rid },
          query: { format: "CSV", branchName: branch, rowLimit },
        },
        parseAs: "text",
      });
      return found.data as unknown as string;
    },
  });
}

/** Take a file out of the view of a branch. */
export function useDeleteFile({ rid, branch }: DatasetBranch) {
  const api = useApi();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (path: string) =>
      answer(
        api.DELETE("/api/v2/datasets/{dataset_rid}/files/{file_path}", {
          params: {
            path: { dataset_rid: rid, file_path: path },
            query: { branchName: branch },
          },
        }),
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: keyOf(rid) }),
  });
}

/** Read again what is shown of a dataset. */
export function useRefreshDataset(rid: string) {
  const queries = useQueryClient();
  return () => queries.invalidateQueries({ queryKey: keyOf(rid) });
}

/** Where the content of a file is. */
export function contentPath({ rid, branch }: DatasetBranch, path: string): string {
  const query = new URLSearchParams({ branchName: branch });
  return `/api/v2/datasets/${rid}/files/${encodeURIComponent(path)}/content?${query}`;
}
