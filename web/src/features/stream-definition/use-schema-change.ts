import { useMutation, useQueryClient } from "@tanstack/react-query";
import { answer, type Schema, useApi } from "@/lib/api";
import { streamQuery } from "@/lib/streams";

/** Which stream is to change. */
export interface ChangedStream {
  rid: string;
  branch: string;
}

/** Change the schema of a stream, or, as a dry run, tell what that would do. */
export function useSchemaChange({ rid, branch }: ChangedStream) {
  const api = useApi();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: Schema<"ChangeSchemaRequest">) =>
      answer(
        api.POST("/api/v1/streams/{dataset_rid}/{branch_name}/schema", {
          params: { path: { dataset_rid: rid, branch_name: branch } },
          body,
        }),
      ),
    onSuccess: async (_, body) => {
      if (body.dryRun) return;
      // What is shown of the stream by its page, and by those on which one pushes and asks.
      await Promise.all([
        queries.invalidateQueries({ queryKey: ["stream", rid, branch] }),
        queries.invalidateQueries({ queryKey: streamQuery(api, rid, branch).queryKey }),
      ]);
    },
  });
}
