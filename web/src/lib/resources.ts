import { type QueryClient, queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { type Api, answer, type Schema, useApi } from "./api";

export type Resource = Schema<"ResourceReply">;

/** A resource and where it lies. */
export interface Located {
  resource: Resource;
  /**
   * The folders above it, from its project down; empty for a project.
   *
   * Who may see a stream but not the folder that it lies in is given none.
   */
  ancestors: readonly Resource[];
}

/** Most levels that the way up to the project may have; the server allows no more. */
const DEPTH_MAX = 50;

/** One resource by its RID. */
export function resourceQuery(api: Api, rid: string) {
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

/** A resource with the folders above it; nothing is asked while *rid* is not known. */
export function useLocated(rid: string | undefined) {
  const api = useApi();
  const queries = useQueryClient();
  return useQuery({
    queryKey: ["filesystem", "located", rid],
    enabled: rid !== undefined,
    queryFn: () => locate(api, queries, rid ?? ""),
  });
}

async function locate(api: Api, queries: QueryClient, rid: string): Promise<Located> {
  const resource = await queries.fetchQuery(resourceQuery(api, rid));
  const ancestors: Resource[] = [];
  let current = resource;
  while (current.projectRid && current.projectRid !== current.rid) {
    const parent = await queries.fetchQuery(visibleQuery(api, current.parentFolderRid));
    if (parent === null || ancestors.length > DEPTH_MAX) break;
    ancestors.unshift(parent);
    current = parent;
  }
  return { resource, ancestors };
}

/** A resource by its RID; `null` where the person may not see it, which is no failure. */
function visibleQuery(api: Api, rid: string) {
  return queryOptions({
    queryKey: ["filesystem", "visible", rid],
    queryFn: async () => {
      const call = api.POST("/api/v2/filesystem/resources/getBatch", {
        body: [{ resourceRid: rid }],
      });
      return (await answer(call)).data[rid] ?? null;
    },
  });
}
