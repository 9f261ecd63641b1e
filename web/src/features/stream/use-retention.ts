import { useMutation, useQuery } from "@tanstack/react-query";
import { answer, useApi } from "@/lib/api";
import type { Policy } from "./retention";
import { at, keyOf, useRefresh } from "./use-stream";
import type { StreamName } from "./wire";

/** How long the records of a stream are kept. */
export function useRetention(stream: StreamName) {
  const api = useApi();
  return useQuery({
    queryKey: [...keyOf(stream), "retention"],
    queryFn: () =>
      answer(
        api.GET("/api/v1/streams/{dataset_rid}/{branch_name}/retention", {
          params: { path: at(stream) },
        }),
      ),
  });
}

/** Ask what a policy would let go now; changes nothing. */
export function usePreviewRetention(stream: StreamName) {
  const api = useApi();
  return useMutation({
    mutationFn: (policy: Policy) =>
      answer(
        api.POST("/api/v1/streams/{dataset_rid}/{branch_name}/retention/preview", {
          params: { path: at(stream) },
          body: policy,
        }),
      ),
  });
}

/** Set the policy. */
export function usePutRetention(stream: StreamName) {
  const api = useApi();
  const refresh = useRefresh(stream);
  return useMutation({
    mutationFn: (policy: Policy) =>
      answer(
        api.PUT("/api/v1/streams/{dataset_rid}/{branch_name}/retention", {
          params: { path: at(stream) },
          body: policy,
        }),
      ),
    onSuccess: refresh,
  });
}

/** Set a legal hold with its reason, or lift it with none. */
export function useLegalHold(stream: StreamName) {
  const api = useApi();
  const refresh = useRefresh(stream);
  return useMutation({
    mutationFn: async (reason: string | undefined) => {
      const path = "/api/v1/streams/{dataset_rid}/{branch_name}/retention/legal-hold";
      const params = { path: at(stream) };
      if (reason === undefined) await answer(api.DELETE(path, { params }));
      else await answer(api.PUT(path, { params, body: { reason } }));
    },
    onSuccess: refresh,
  });
}
