import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { type Api, answer, type Schema, useApi } from "@/lib/api";
import type { Resource } from "@/lib/resources";

export type { Resource } from "@/lib/resources";
export type Trashed = Schema<"TrashedReply">;

const PAGE_SIZE = 500;
const TRASH_PAGE_SIZE = 100;

/** Whether other resources may lie in it. */
export function isFolder(resource: Resource): boolean {
  return resource.type === "COMPASS_FOLDER";
}

/** Whether it is a project, which lies in no folder. */
export function isProject(resource: Pick<Resource, "rid" | "projectRid">): boolean {
  return resource.projectRid === resource.rid;
}

/** All that lies directly in a folder: folders first, each kind by name. */
export function useChildren(rid: string | undefined) {
  const api = useApi();
  return useQuery({
    queryKey: ["filesystem", "children", rid],
    enabled: rid !== undefined,
    queryFn: async () => (await allChildren(api, rid ?? "")).sort(foldersFirst),
  });
}

/** What has *text* in its name, below a folder or anywhere; nothing is asked for no text. */
export function useSearch(text: string, folderRid: string | undefined) {
  const api = useApi();
  const query = { text, ...(folderRid !== undefined && { folderRid }) };
  return useQuery({
    queryKey: ["filesystem", "search", query],
    enabled: text !== "",
    placeholderData: keepPreviousData,
    queryFn: () => answer(api.GET("/api/v1/filesystem/search", { params: { query } })),
  });
}

/** What was put in the trash, the latest first, page by page. */
export function useTrashed() {
  const api = useApi();
  return useInfiniteQuery({
    queryKey: ["filesystem", "trash"],
    queryFn: ({ pageParam }) =>
      answer(
        api.GET("/api/v1/filesystem/trash", {
          params: {
            query: {
              pageSize: TRASH_PAGE_SIZE,
              ...(pageParam !== "" && { pageToken: pageParam }),
            },
          },
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (last) => last.nextPageToken ?? undefined,
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

function foldersFirst(one: Resource, other: Resource): number {
  const kinds = Number(isFolder(other)) - Number(isFolder(one));
  return kinds || one.displayName.localeCompare(other.displayName);
}
