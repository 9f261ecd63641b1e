import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, type Schema, useApi } from "@/lib/api";
import { DEFAULT_BRANCH } from "@/lib/streams";
import { type StreamDraft, schemaOf } from "./draft";

const PAGE_SIZE = 500;

export type Inferred = Schema<"InferredSchema">;

/** Create the stream; gives its dataset. */
export function useCreateStream() {
  const api = useApi();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (draft: StreamDraft) =>
      answer(
        api.POST("/api/v2/streams/datasets/create", {
          params: { query: { preview: true } },
          body: {
            name: draft.name.trim(),
            parentFolderRid: draft.folderRid ?? "",
            branchName: DEFAULT_BRANCH,
            schema: schemaOf(draft),
            partitionsCount: draft.partitions,
            streamType: draft.streamType,
            compressed: draft.isCompressed,
          },
        }),
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["filesystem"] }),
  });
}

/** Let the server guess a schema from JSON text, which goes to it as it was typed. */
export function useInferSchema() {
  const api = useApi();
  return useMutation({
    mutationFn: (sample: string) =>
      answer(
        api.POST("/api/v1/schemas/infer", {
          body: sample as never,
          bodySerializer: () => sample,
        }),
      ),
  });
}

/** The projects that a stream may be put in; only asked while *isWanted*. */
export function useProjectChoices(isWanted: boolean) {
  const api = useApi();
  return useQuery({
    queryKey: ["projects", "choices"],
    enabled: isWanted,
    queryFn: async () => {
      const spaces = await answer(api.GET("/api/v2/filesystem/spaces"));
      const lists = await Promise.all(
        spaces.data.map((space) =>
          answer(
            api.GET("/api/v2/filesystem/folders/{folder_rid}/children", {
              params: { path: { folder_rid: space.rid }, query: { pageSize: PAGE_SIZE } },
            }),
          ),
        ),
      );
      return lists
        .flatMap((list) => list.data)
        .sort((one, other) => one.displayName.localeCompare(other.displayName));
    },
  });
}
