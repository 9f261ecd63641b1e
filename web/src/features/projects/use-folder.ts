import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type Api, answer, type Schema, useApi } from "@/lib/api";

export type Resource = Schema<"ResourceReply">;

const PAGE_SIZE = 500;
/** Most levels that the way up to the project may have; the server allows no more. */
const DEPTH_MAX = 50;

/** Whether other resources may lie in it. */
export function isFolder(resource: Resource): boolean {
  return resource.type === "COMPASS_FOLDER";
}

/** A project or folder. */
export function useResource(rid: string) {
  return useQuery(resourceQuery(useApi(), rid));
}

/** The folders above *resource*, from its project down; empty for a project. */
export function useAncestors(resource: Resource | undefined) {
  const api = useApi();
  const queries = useQueryClient();
  return useQuery({
    queryKey: ["filesystem", "ancestors", resource?.rid],
    enabled: resource !== undefined,
    queryFn: async () => {
      const ancestors: Resource[] = [];
      let current = resource;
      while (current?.projectRid && current.projectRid !== current.rid) {
        current = await queries.fetchQuery(resourceQuery(api, current.parentFolderRid));
        ancestors.unshift(current);
        if (ancestors.length > DEPTH_MAX) break;
      }
      return ancestors;
    },
  });
}

/** All that lies directly in a folder: folders first, each kind by name. */
export function useChildren(rid: string) {
  const api = useApi();
  return useQuery({
    queryKey: childrenKey(rid),
    queryFn: async () => (await allChildren(api, rid)).sort(foldersFirst),
  });
}

/** Make a folder in *parentFolderRid*. */
export function useCreateFolder(parentFolderRid: string) {
  const api = useApi();
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (displayName: string) =>
      answer(api.POST("/api/v2/filesystem/folders", { body: { displayName, parentFolderRid } })),
    onSuccess: refresh,
  });
}

/** Give a folder another name. */
export function useRenameFolder(folder: Resource) {
  const api = useApi();
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (displayName: string) =>
      answer(
        api.PUT("/api/v2/filesystem/folders/{folder_rid}", {
          params: { path: { folder_rid: folder.rid }, query: { preview: true } },
          body: { displayName, parentFolderRid: folder.parentFolderRid },
        }),
      ),
    onSuccess: refresh,
  });
}

/** Move a resource to the trash. */
export function useTrash() {
  const api = useApi();
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (rid: string) =>
      answer(
        api.DELETE("/api/v2/filesystem/resources/{resource_rid}", {
          params: { path: { resource_rid: rid } },
        }),
      ),
    onSuccess: refresh,
  });
}

/** Take a resource out of the trash. */
export function useRestore() {
  const api = useApi();
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (rid: string) =>
      answer(
        api.POST("/api/v2/filesystem/resources/{resource_rid}/restore", {
          params: { path: { resource_rid: rid } },
        }),
      ),
    onSuccess: refresh,
  });
}

/** Read all pages of what lies directly in a space, project or folder. */
export async function allChildren(api: Api, rid: string): Promise<Resource[]> {
  const children: Resource[] = [];
  let pageToken: string | null | undefined;
  do {
    const page = await answer(
      api.GET("/api/v2/filesystem/folders/{folder_rid}/children", {
        params: {
          path: { folder_rid: rid },
          query: { pageSize: PAGE_SIZE, ...(pageToken && { pageToken }) },
        },
      }),
    );
    children.push(...page.data);
    pageToken = page.nextPageToken;
  } while (pageToken);
  return children;
}

function resourceQuery(api: Api, rid: string) {
  return queryOptions({
    queryKey: ["filesystem", "resource", rid],
    queryFn: () =>
      answer(
        api.GET("/api/v2/filesystem/resources/{resource_rid}", {
          params: { path: { resource_rid: rid } },
        }),
      ),
  });
}

function childrenKey(rid: string) {
  return ["filesystem", "children", rid];
}

function useRefresh() {
  const queries = useQueryClient();
  return () =>
    Promise.all([
      queries.invalidateQueries({ queryKey: ["filesystem"] }),
      queries.invalidateQueries({ queryKey: ["projects"] }),
    ]);
}

function foldersFirst(one: Resource, other: Resource): number {
  const kinds = Number(isFolder(other)) - Number(isFolder(one));
  return kinds || one.displayName.localeCompare(other.displayName);
}
