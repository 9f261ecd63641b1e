import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type Api, answer, type Schema, useApi } from "@/lib/api";

export type Token = Schema<"TokenWire">;
export type CreatedToken = Schema<"CreatedTokenWire">;

const TOKENS = ["tokens"];
const PAGE_SIZE = 500;

/** One's own tokens, the newest first. */
export function useTokens() {
  const api = useApi();
  return useQuery({
    queryKey: TOKENS,
    queryFn: async () =>
      (await allTokens(api)).sort((one, other) => other.createdTime.localeCompare(one.createdTime)),
  });
}

/** Make a token; the answer has its text. */
export function useCreateToken() {
  const api = useApi();
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (body: Schema<"NewTokenBody">) =>
      answer(api.POST("/multipass/api/tokens", { body })),
    onSuccess: refresh,
  });
}

/** Stop taking a token for a while, take it again, or end it for ever. */
export function useChangeToken() {
  const api = useApi();
  const refresh = useRefresh();
  return useMutation({
    mutationFn: ({ tokenId, to }: { tokenId: string; to: "disable" | "enable" | "revoke" }) =>
      answer(api.POST(`/multipass/api/tokens/${to}`, { body: { tokenId } })),
    onSuccess: refresh,
  });
}

/** Whether a token's time is over. */
export function isExpired(token: Token): boolean {
  return token.expirationTime !== null && new Date(token.expirationTime).getTime() <= Date.now();
}

async function allTokens(api: Api): Promise<Token[]> {
  const found: Token[] = [];
  let start: string | null | undefined;
  do {
    const page = await answer(
      api.GET("/multipass/api/tokens", {
        params: { query: { type: "USER_GENERATED", limit: PAGE_SIZE, ...(start && { start }) } },
      }),
    );
    found.push(...page.values);
    start = page.nextPageToken;
  } while (start);
  return found;
}

function useRefresh() {
  const queries = useQueryClient();
  return () => queries.invalidateQueries({ queryKey: TOKENS });
}
