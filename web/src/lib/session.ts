import {
  type QueryClient,
  queryOptions,
  useMutation,
  useQueryClient,
  useSuspenseQuery,
} from "@tanstack/react-query";
import { type Api, answer, type Schema, useApi } from "./api";
import { ApiError } from "./errors";

export type Session = Schema<"BrowserSession">;
export type SessionUser = Schema<"SessionUser">;

/** Who is signed in; `null` when nobody is. Asked once: a 401 anywhere ends it. */
export function sessionQuery(api: Api) {
  return queryOptions({
    queryKey: ["session"],
    queryFn: async (): Promise<Session | null> => {
      try {
        return keep(api, await answer(api.GET("/api/v1/session")));
      } catch (error) {
        if (error instanceof ApiError && error.status === 401) return null;
        throw error;
      }
    },
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: Number.POSITIVE_INFINITY,
  });
}

/** The user at the page; only below the signed-in part of the routes. */
export function useUser(): SessionUser {
  const session = useSuspenseQuery(sessionQuery(useApi())).data;
  if (session === null) throw new Error("nobody is signed in");
  return session.user;
}

/** Sign in with a name and a password. */
export function useSignIn() {
  const api = useApi();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: Schema<"SignInBody">) => answer(api.POST("/api/v1/session", { body })),
    onSuccess: (session) => {
      queries.clear();
      queries.setQueryData(sessionQuery(api).queryKey, keep(api, session));
    },
  });
}

/** Sign out, and forget everything that was shown. */
export function useSignOut() {
  const api = useApi();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => answer(api.DELETE("/api/v1/session")),
    onSuccess: () => forgetSession(api, queries),
  });
}

/** Forget the session and all that was read with it. */
export function forgetSession(api: Api, queries: QueryClient): void {
  api.connection.csrfToken = undefined;
  const { queryKey } = sessionQuery(api);
  queries.removeQueries({ predicate: (query) => query.queryKey[0] !== queryKey[0] });
  queries.setQueryData(queryKey, null);
}

/** Give *next* if it is a path of these pages, else the first page: never leads elsewhere. */
export function safeNext(next: string | undefined): string {
  return next !== undefined && /^\/(?![/\\])/.test(next) && !next.startsWith("/sign-in")
    ? next
    : "/projects";
}

function keep(api: Api, session: Session): Session {
  api.connection.csrfToken = session.csrfToken;
  return session;
}
