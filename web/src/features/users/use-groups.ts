import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type Api, answer, type Schema, useApi } from "@/lib/api";

export type Group = Schema<"GroupWire">;
export type Member = Schema<"MemberWire">;

const GROUPS = ["groups"];
const PAGE_SIZE = 500;

/** All groups, by name. */
export function useGroups() {
  const api = useApi();
  return useQuery({
    queryKey: [...GROUPS, "list"],
    queryFn: async () =>
      (
        await everyPage((query) => answer(api.GET("/api/v2/admin/groups", { params: { query } })))
      ).sort((one, other) => one.name.localeCompare(other.name)),
  });
}

/** Make a group. */
export function useCreateGroup() {
  const api = useApi();
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (body: Schema<"GroupBody">) => answer(api.POST("/api/v2/admin/groups", { body })),
    onSuccess: refresh,
  });
}

/** Delete a group; its members stay. */
export function useDeleteGroup() {
  const api = useApi();
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (groupId: string) =>
      answer(api.DELETE("/api/v2/admin/groups/{group_id}", at(groupId))),
    onSuccess: refresh,
  });
}

/** Who is directly in a group. */
export function useMembers(groupId: string) {
  const api = useApi();
  return useQuery({
    queryKey: [...GROUPS, "members", groupId],
    queryFn: () => members(api, groupId),
  });
}

/** Put somebody into a group, or take somebody out. */
export function useChangeMember(groupId: string) {
  const api = useApi();
  const refresh = useRefresh();
  return useMutation({
    mutationFn: ({ principalId, to }: { principalId: string; to: "add" | "remove" }) =>
      answer(
        api.POST(`/api/v2/admin/groups/{group_id}/groupMembers/${to}`, {
          ...at(groupId),
          body: { principalIds: [principalId] },
        }),
      ),
    onSuccess: refresh,
  });
}

function members(api: Api, groupId: string): Promise<Member[]> {
  return everyPage((query) =>
    answer(
      api.GET("/api/v2/admin/groups/{group_id}/groupMembers", {
        params: { path: { group_id: groupId }, query },
      }),
    ),
  );
}

interface PageQuery {
  pageSize: number;
  pageToken?: string;
}

async function everyPage<T>(
  read: (query: PageQuery) => Promise<{ data: T[]; nextPageToken?: string | null }>,
): Promise<T[]> {
  const found: T[] = [];
  let pageToken: string | null | undefined;
  do {
    const page = await read({ pageSize: PAGE_SIZE, ...(pageToken && { pageToken }) });
    found.push(...page.data);
    pageToken = page.nextPageToken;
  } while (pageToken);
  return found;
}

function at(groupId: string) {
  return { params: { path: { group_id: groupId } } };
}

function useRefresh() {
  const queries = useQueryClient();
  return () => queries.invalidateQueries({ queryKey: GROUPS });
}
