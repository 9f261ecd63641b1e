import { useMutation, useQueryClient } from "@tanstack/react-query";
import { answer, type Schema, useApi } from "@/lib/api";

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

/** Make a dataset of files in *parentFolderRid*. */
export function useCreateDataset(parentFolderRid: string) {
  const api = useApi();
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (name: string) =>
      answer(api.POST("/api/v2/datasets", { body: { name, parentFolderRid } })),
    onSuccess: refresh,
  });
}

/** Give a folder or stream another name, and another place where one is named. */
export function useReplaceResource(rid: string) {
  const api = useApi();
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (body: Schema<"ReplaceResourceRequest">) =>
      answer(
        api.PUT("/api/v1/filesystem/resources/{resource_rid}", {
          params: { path: { resource_rid: rid } },
          body,
        }),
      ),
    onSuccess: refresh,
  });
}

/** Give a project another name and description. */
export function useReplaceProject(rid: string) {
  const api = useApi();
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (body: Schema<"ReplaceProjectRequest">) =>
      answer(
        api.PUT("/api/v2/filesystem/projects/{project_rid}", {
          params: { path: { project_rid: rid }, query: { preview: true } },
          body,
        }),
      ),
    onSuccess: refresh,
  });
}

/** Move a resource to the trash. */
export function useTrash() {
  const api = useApi();
  return useResourceChange((rid) =>
    answer(
      api.DELETE("/api/v2/filesystem/resources/{resource_rid}", {
        params: { path: { resource_rid: rid } },
      }),
    ),
  );
}

/** Take a resource, and the trashed folders above it, out of the trash. */
export function useRestore() {
  const api = useApi();
  return useResourceChange((rid) =>
    answer(
      api.POST("/api/v2/filesystem/resources/{resource_rid}/restore", {
        params: { path: { resource_rid: rid } },
      }),
    ),
  );
}

/** Delete a resource in the trash for ever, with all that lies in it. */
export function useDeletePermanently() {
  const api = useApi();
  return useResourceChange((rid) =>
    answer(
      api.POST("/api/v2/filesystem/resources/{resource_rid}/permanentlyDelete", {
        params: { path: { resource_rid: rid } },
      }),
    ),
  );
}

function useResourceChange(mutationFn: (rid: string) => Promise<unknown>) {
  const refresh = useRefresh();
  return useMutation({ mutationFn, onSuccess: refresh });
}

/** Read again whatever shows a resource: its name and its place stand on many pages. */
function useRefresh() {
  const queries = useQueryClient();
  return () =>
    Promise.all(
      ["filesystem", "projects", "stream", "streams"].map((part) =>
        queries.invalidateQueries({ queryKey: [part] }),
      ),
    );
}
