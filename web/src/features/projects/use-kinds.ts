import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { type Api, answer, useApi } from "@/lib/api";
import { inBatches } from "@/lib/batches";
import { isFolder, isProject, type Resource } from "./use-folder";

/** What a resource is, in the word that people see. */
export type Kind = "Project" | "Folder" | "Stream" | "Dataset";

/**
 * Tells what each of *resources* is; `undefined` until that is known.
 *
 * By their types streams and datasets of files are the same, so that the server is asked.
 */
export function useKinds(resources: readonly Resource[]): (resource: Resource) => Kind | undefined {
  const api = useApi();
  const rids = resources.filter((one) => !isFolder(one)).map((one) => one.rid);
  const { data } = useQuery({
    queryKey: ["filesystem", "kinds", rids],
    enabled: rids.length > 0,
    placeholderData: keepPreviousData,
    queryFn: () => inBatches(rids, (some) => describe(api, some)),
  });
  return (resource) => {
    if (isFolder(resource)) return isProject(resource) ? "Project" : "Folder";
    const described = data?.[resource.rid];
    return described && (described.isStreaming ? "Stream" : "Dataset");
  };
}

async function describe(api: Api, rids: readonly string[]) {
  const body = rids.map((datasetRid) => ({ datasetRid }));
  return (await answer(api.POST("/api/v1/datasets/getDescriptions", { body }))).data;
}
