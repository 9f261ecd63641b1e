import { queryOptions } from "@tanstack/react-query";
import { type Api, answer, type Schema } from "./api";

export type Stream = Schema<"StreamReply">;
export type StreamSchema = Schema<"StreamSchema">;
export type StreamField = Schema<"Field">;
export type FieldSchema = Schema<"FieldSchema">;
export type DataType = FieldSchema["dataType"];

/** The branch of a stream where no other is named. */
export const DEFAULT_BRANCH = "master";

/** What the stream on a branch is: its schema and settings. */
export function streamQuery(api: Api, rid: string, branch: string) {
  return queryOptions({
    queryKey: ["streams", rid, branch, "definition"],
    queryFn: () =>
      answer(
        api.GET("/api/v2/streams/datasets/{dataset_rid}/streams/{branch_name}", {
          params: { path: { dataset_rid: rid, branch_name: branch } },
        }),
      ),
  });
}
