import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useApi } from "@/lib/api";
import { plainCall } from "@/lib/plain-call";

interface ScopeMeaning {
  scope: string;
  description: string;
}

/** What an application asks of the person at the page. */
export interface AuthorizationRequest {
  client: {
    clientId: string;
    displayName: string;
    description?: string | null;
    logoUri?: string | null;
  };
  scopes: ScopeMeaning[];
  redirectUri: string;
}

/** An application that one has agreed to. */
export interface Authorization {
  clientId: string;
  displayName: string;
  description?: string | null;
  scopes: ScopeMeaning[];
  createdTime?: string | null;
  lastUsedTime?: string | null;
}

export type Decision = "approve" | "deny";

const AUTHORIZATIONS = ["authorizations"];
const REQUEST = "/api/v1/authorizations/request";

/** What the request in *query* asks for; refused where it must not be answered at all. */
export function useAuthorizationRequest(query: string) {
  const api = useApi();
  return useQuery({
    queryKey: [...AUTHORIZATIONS, "request", query],
    queryFn: () =>
      plainCall<AuthorizationRequest>(api, "GET", REQUEST, {
        query: Object.fromEntries(new URLSearchParams(query)),
      }),
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** Agree or refuse; the answer says where the browser goes then. */
export function useDecide(query: string) {
  const api = useApi();
  return useMutation({
    mutationFn: (decision: Decision) =>
      plainCall<{ redirectTo: string }>(api, "POST", REQUEST, { body: { query, decision } }),
  });
}

/** The applications that one has agreed to. */
export function useAuthorizations() {
  const api = useApi();
  return useQuery({
    queryKey: [...AUTHORIZATIONS, "list"],
    queryFn: async () =>
      (await plainCall<{ data: Authorization[] }>(api, "GET", "/api/v1/authorizations")).data,
  });
}

/** Take back what one agreed to. */
export function useWithdraw() {
  const api = useApi();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (clientId: string) =>
      plainCall<void>(api, "DELETE", "/api/v1/authorizations/{client_id}", {
        path: { client_id: clientId },
      }),
    onSuccess: () => queries.invalidateQueries({ queryKey: AUTHORIZATIONS }),
  });
}
