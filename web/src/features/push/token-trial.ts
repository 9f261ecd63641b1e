import type { Api } from "@/lib/api";
import { SCOPE } from "./code/program";

/** What came of asking for a token as the application. */
export type TokenTrial = "works" | "wrong" | "no-grant" | "no-scope" | "busy" | "failed";

const FAULTS: Readonly<Record<string, TokenTrial>> = {
  invalid_client: "wrong",
  unauthorized_client: "no-grant",
  invalid_scope: "no-scope",
};

/** Ask for a token just as the generated code does, and give it back at once. */
export async function tryToken(
  api: Api,
  clientId: string,
  clientSecret: string,
): Promise<TokenTrial> {
  const credentials = { client_id: clientId, client_secret: clientSecret };
  const response = await post(api, "token", {
    grant_type: "client_credentials",
    scope: SCOPE,
    ...credentials,
  });
  if (response.status === 429) return "busy";
  const reply = (await response.json().catch(() => ({}))) as Record<string, unknown>;
  if (!response.ok) return FAULTS[String(reply.error)] ?? "failed";
  await post(api, "revoke_token", { token: String(reply.access_token), ...credentials });
  return "works";
}

function post(api: Api, call: string, form: Record<string, string>): Promise<Response> {
  const url = new URL(`/multipass/api/oauth2/${call}`, window.location.origin);
  // Without the cookie: the application asks, not the person at the page.
  return api.fetch(url, {
    method: "POST",
    credentials: "omit",
    headers: { "Content-Type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams(form).toString(),
  });
}
