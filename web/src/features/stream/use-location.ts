import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { type Api, answer, type Schema, useApi } from "@/lib/api";

/** Most levels that the way up to the project may have; the server allows no more. */
const DEPTH_MAX = 50;

/** The folders that lead to *folderRid* and that folder, from its project down. */
export function useLocationOf(folderRid: string) {
  const api = useApi();
  const queries = useQueryClient();
  return useQuery({
    queryKey: ["filesystem", "location", folderRid],
    queryFn: async () => {
      const folders: Schema<"ResourceReply">[] = [];
      let rid: string | null | undefined = folderRid;
      while (rid && folders.length < DEPTH_MAX) {
        const folder: Schema<"ResourceReply"> = await queries.fetchQuery(resourceQuery(api, rid));
        folders.unshift(folder);
        rid = folder.projectRid === folder.rid ? undefined : folder.parentFolderRid;
      }
      return folders;
    },
  });
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
