import { type QueryClient, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
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
        const session = await answer<Session | null | undefined>(api.GET("/api/v1/session"));
        return session ? keep(api, session) : null;
      } catch (error) {
        if (error instanceof ApiError && error.status === 401) return null;
        throw error;
      }
    },
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: Number.POSITIVE_INFINITY,
  });
}

/** The user at the page; only below the signed-in part of the routes, which ends with the session. */
export function useUser(): SessionUser {
  const api = useApi();
  const queries = useQueryClient();
  const [session] = useState(() => queries.getQueryData(sessionQuery(api).queryKey));
  if (session === undefined || session === null) throw new Error("nobody is signed in");
  return session.user;
}

/** Sign in with a name and a password. */
export function useSignIn() {
  const api = useApi();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: Schema<"SignInBody">) => answer(api.POST("/api/v1/session", { body })),
    onSuccess: (session) => queries.setQueryData(sessionQuery(api).queryKey, keep(api, session)),
  });
}

/** Sign out. */
export function useSignOut() {
  const api = useApi();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => answer(api.DELETE("/api/v1/session")),
    onSuccess: () => endSession(api, queries),
  });
}

/** Take note that the session is over; gives false when that was known. */
export function endSession(api: Api, queries: QueryClient): boolean {
  const { queryKey } = sessionQuery(api);
  const wasSignedIn = queries.getQueryData(queryKey) !== null;
  api.connection.csrfToken = undefined;
  queries.setQueryData(queryKey, null);
  return wasSignedIn;
}

/** Forget all that was read for the one who was signed in. */
export function forgetAnswers(api: Api, queries: QueryClient): void {
  const [session] = sessionQuery(api).queryKey;
  queries.removeQueries({ predicate: (query) => query.queryKey[0] !== session });
}

/** Give *next* if it is a path of these pages, else the first page: never leads elsewhere. */
export function safeNext(next: string | undefined): string {
  return next !== undefined && /^\/(?![/\\])/.test(next) && !next.startsWith("/sign-in")
    ? next
    : "/projects";
}

/** Whether a path is answered by the server and not by these pages, so that it must be loaded. */
export function isOfServer(path: string): boolean {
  return /^\/(multipass|api)\//.test(path);
}

function keep(api: Api, session: Session): Session {
  api.connection.csrfToken = session.csrfToken;
  return session;
}
