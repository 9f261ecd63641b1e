import createClient, { type Client, type Middleware } from "openapi-fetch";
import { createContext, useContext } from "react";
import type { components, paths } from "./api-types";
import { ApiError, UnreachableError } from "./errors";

/** The server's types by name: `Schema<"ResourceReply">`. */
export type Schema<Name extends keyof components["schemas"]> = components["schemas"][Name];

/** Where the page's calls go out, and what is known of its session. */
export interface Api extends Client<paths> {
  readonly connection: Connection;
  /** The raw `fetch`, for what the typed client cannot do, such as reading an event stream. */
  readonly fetch: typeof fetch;
}

/** The state that every call shares. */
export interface Connection {
  /** Goes into `X-CSRF-Token` of every call that changes something. */
  csrfToken: string | undefined;
  /** Called when the server says that the session is over. */
  onSignedOut: () => void;
}

const SAFE_METHODS = new Set(["GET", "HEAD", "OPTIONS"]);
const SESSION_PATH = "/api/v1/session";

/**
 * Make the typed client of the server's API.
 *
 * Every call that is refused throws `ApiError`; one that got no answer throws `UnreachableError`.
 */
export function createApi(send: typeof fetch, baseUrl = window.location.origin): Api {
  const connection: Connection = { csrfToken: undefined, onSignedOut: () => {} };
  const client = createClient<paths>({ baseUrl, fetch: (request) => send(request) });
  client.use(withSession(connection));
  return Object.assign(client, { connection, fetch: send });
}

/** Give what a call answered: `await answer(api.GET("/api/v1/session"))`. */
export async function answer<T>(call: Promise<{ data?: T }>): Promise<T> {
  return (await call).data as T;
}

function withSession(connection: Connection): Middleware {
  return {
    onRequest({ request }) {
      if (!SAFE_METHODS.has(request.method) && connection.csrfToken !== undefined) {
        request.headers.set("X-CSRF-Token", connection.csrfToken);
      }
      return request;
    },
    async onResponse({ request, response }) {
      if (response.ok) return;
      const error = await ApiError.of(response);
      if (error.status === 401 && new URL(request.url).pathname !== SESSION_PATH) {
        connection.onSignedOut();
      }
      throw error;
    },
    onError({ error }) {
      const isAbort = error instanceof DOMException && error.name === "AbortError";
      return isAbort ? undefined : new UnreachableError(error);
    },
  };
}

const ApiContext = createContext<Api | undefined>(undefined);

export const ApiProvider = ApiContext.Provider;

/** The API of the page this runs in. */
export function useApi(): Api {
  const api = useContext(ApiContext);
  if (api === undefined) throw new Error("useApi outside of ApiProvider");
  return api;
}
