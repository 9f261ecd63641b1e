import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, type Schema, useApi } from "@/lib/api";
import type { paths } from "@/lib/api-types";

export type AuthorizationRequest = Schema<"AuthorizationRequestReply">;
export type Authorization = Schema<"AuthorizationReply">;
export type Decision = Schema<"AuthorizationDecisionBody">["decision"];

type RequestQuery = paths["/api/v1/authorizations/request"]["get"]["parameters"]["query"];

const AUTHORIZATIONS = ["authorizations"];
const PAGE_SIZE = 500;

/** What the request in *query* asks for; refused where it must not be answered at all. */
export function useAuthorizationRequest(query: string) {
  const api = useApi();
  return useQuery({
    queryKey: [...AUTHORIZATIONS, "request", query],
    queryFn: () =>
      answer(
        api.GET("/api/v1/authorizations/request", {
          params: { query: Object.fromEntries(new URLSearchParams(query)) as RequestQuery },
          // As it came, so that what is shown is what is decided.
          querySerializer: () => query,
        }),
      ),
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** Agree or refuse; the answer says where the browser goes then. */
export function useDecide(query: string) {
  const api = useApi();
  return useMutation({
    mutationFn: (decision: Decision) =>
      answer(api.POST("/api/v1/authorizations/request", { body: { query, decision } })),
  });
}

/** The applications that one has agreed to. */
export function useAuthorizations() {
  const api = useApi();
  return useQuery({
    queryKey: [...AUTHORIZATIONS, "list"],
    queryFn: async () =>
      (
        await answer(
          api.GET("/api/v1/authorizations", { params: { query: { pageSize: PAGE_SIZE } } }),
        )
      ).data,
  });
}

/** Take back what one agreed to. */
export function useWithdraw() {
  const api = useApi();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (clientId: string) =>
      answer(
        api.DELETE("/api/v1/authorizations/{client_id}", {
          params: { path: { client_id: clientId } },
        }),
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: AUTHORIZATIONS }),
  });
}
