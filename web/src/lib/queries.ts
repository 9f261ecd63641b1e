import { QueryClient } from "@tanstack/react-query";
import { ApiError } from "./errors";

const RETRIES_MAX = 2;

/** Make the store of what was read from the server. */
export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 10_000,
        retry: (count, error) => count < RETRIES_MAX && isWorthRetrying(error),
      },
    },
  });
}

/** A refusal stays one; only a server that is away or overloaded is asked again. */
function isWorthRetrying(error: unknown): boolean {
  return !(error instanceof ApiError) || error.status >= 502 || error.status === 429;
}
