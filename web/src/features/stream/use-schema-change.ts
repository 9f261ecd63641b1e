import { useMutation } from "@tanstack/react-query";
import { answer, type Schema, useApi } from "@/lib/api";
import { at, useRefresh } from "./use-stream";
import type { StreamName } from "./wire";

/** Change the schema of a stream, or, as a dry run, tell what that would do. */
export function useSchemaChange(stream: StreamName) {
  const api = useApi();
  const refresh = useRefresh(stream);
  return useMutation({
    mutationFn: (body: Schema<"ChangeSchemaRequest">) =>
      answer(
        api.POST("/api/v1/streams/{dataset_rid}/{branch_name}/schema", {
          params: { path: at(stream) },
          body,
        }),
      ),
    onSuccess: (_, body) => (body.dryRun ? undefined : refresh()),
  });
}
