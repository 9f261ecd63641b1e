import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import { type Api, answer, type Schema, useApi } from "@/lib/api";
import { ApiError } from "@/lib/errors";
import { granteeOf, rolesQuery } from "@/lib/roles";
import { type TokenTrial, tryToken } from "./token-trial";

const AGAIN_MS = 4_000;
const CLIENT_ID = /^[0-9a-f]{32}$/;
const SECRET_LENGTH_MIN = 40;
const SCOPES = new Set(["api:use-streams-write", "api:streams-write"]);
const PUSHING_ROLES = new Set(["owner", "editor"]);

/** Whether something is so: `unknown` where this person may not know. */
export type CheckState = "waiting" | "checking" | "done" | "missing" | "unknown";

export interface Check {
  state: CheckState;
  /** What is missing. */
  hint?: string;
}

export interface Checks {
  exists: Check;
  secret: Check;
  grant: Check;
  scope: Check;
  shared: Check;
}

type Application = Schema<"ApplicationReply">;

/** Look at every step that leads to a working program, again and again until all is done. */
export function useChecks(rid: string, clientId: string, clientSecret: string): Checks {
  const api = useApi();
  const isClientId = CLIENT_ID.test(clientId);
  const isSecret = clientSecret.length >= SECRET_LENGTH_MIN;

  const application = useQuery({
    queryKey: ["applications", "check", clientId],
    enabled: isClientId,
    refetchInterval: AGAIN_MS,
    retry: false,
    queryFn: () => readApplication(api, clientId),
  });
  const trial = useQuery({
    queryKey: ["applications", "trial", clientId, clientSecret, stateOf(application.data)],
    enabled: isClientId && isSecret && !application.isPending,
    refetchInterval: ({ state }) => (isWorthAsking(state.data) ? AGAIN_MS : false),
    retry: false,
    gcTime: 0,
    queryFn: () => tryToken(api, clientId, clientSecret),
  });
  const shared = useQuery({
    queryKey: ["roles", rid, "check", clientId],
    enabled: isClientId,
    refetchInterval: ({ state }) => (state.data?.state === "done" ? false : AGAIN_MS),
    retry: false,
    queryFn: () => checkShared(api, rid, clientId),
  });
  const of = application.data;
  return {
    exists: existence(clientId, isClientId, application, trial.data, shared.data),
    secret: secretCheck(clientSecret, isSecret, trial),
    grant: grantCheck(isClientId, of, trial.data),
    scope: scopeCheck(isClientId, of, trial.data),
    shared: !isClientId ? { state: "waiting" } : (shared.data ?? { state: "checking" }),
  };
}

/** Whether each check is done. */
export function areDone(checks: Checks): boolean {
  return Object.values(checks).every((check: Check) => check.state === "done");
}

async function readApplication(api: Api, clientId: string): Promise<Application | "hidden" | null> {
  try {
    const params = { path: { client_id: clientId } };
    return await answer(api.GET("/multipass/api/clients/{client_id}", { params }));
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.status === 403) return "hidden";
    if (error.status === 404) return null;
    throw error;
  }
}

/** The trial is made anew when the application was changed. */
function stateOf(application: Application | "hidden" | null | undefined) {
  if (application == null || application === "hidden") return application;
  return [application.grantTypes, application.operations, application.enabled];
}

/** A wrong secret stays wrong; grants and scopes may be being mended right now. */
function isWorthAsking(trial: TokenTrial | undefined): boolean {
  return trial === "no-grant" || trial === "no-scope" || trial === "busy";
}

function existence(
  clientId: string,
  isClientId: boolean,
  application: UseQueryResult<Application | "hidden" | null>,
  trial: TokenTrial | undefined,
  shared: Check | undefined,
): Check {
  if (clientId === "") return { state: "waiting" };
  if (!isClientId) return missing("A client ID is 32 digits and letters from a to f.");
  if (application.isPending) return { state: "checking" };
  if (application.data === null) return missing("There is no application with this client ID.");
  if (application.data === "hidden") {
    const isKnown = trial === "works" || trial === "no-grant" || shared?.state === "done";
    return { state: isKnown ? "done" : "unknown" };
  }
  if (application.isError) return { state: "unknown" };
  return application.data.enabled ? { state: "done" } : missing("The application is disabled.");
}

function secretCheck(
  secret: string,
  isSecret: boolean,
  trial: UseQueryResult<TokenTrial>,
): Check {
  if (secret === "") return { state: "waiting" };
  if (!isSecret) return missing("A client secret is longer than this.");
  if (trial.data === "wrong") return missing("The client ID and the secret do not belong together.");
  if (trial.data === "works" || trial.data === "no-scope" || trial.data === "no-grant") {
    return { state: "done" };
  }
  if (trial.isFetching) return { state: "checking" };
  return { state: trial.data === undefined ? "waiting" : "unknown" };
}

function grantCheck(
  isClientId: boolean,
  application: Application | "hidden" | null | undefined,
  trial: TokenTrial | undefined,
): Check {
  if (!isClientId || application === null) return { state: "waiting" };
  if (application === undefined) return { state: "checking" };
  const isEnabled =
    application === "hidden"
      ? trialSays(trial, "no-grant")
      : application.grantTypes.includes("CLIENT_CREDENTIALS");
  if (isEnabled === undefined) return { state: "unknown" };
  return isEnabled
    ? { state: "done" }
    : missing("Enable the client credentials grant on the application's page and save.");
}

function scopeCheck(
  isClientId: boolean,
  application: Application | "hidden" | null | undefined,
  trial: TokenTrial | undefined,
): Check {
  if (!isClientId || application === null) return { state: "waiting" };
  if (application === undefined) return { state: "checking" };
  const isAllowed =
    application === "hidden"
      ? trialSays(trial, "no-scope")
      : (application.operations?.some((scope) => SCOPES.has(scope)) ?? true);
  if (isAllowed === undefined) return { state: "unknown" };
  return isAllowed ? { state: "done" } : missing("Allow api:use-streams-write, or lift its limits.");
}

/** What a trial says of one of its possible faults; nothing if it did not come that far. */
function trialSays(trial: TokenTrial | undefined, fault: TokenTrial): boolean | undefined {
  if (trial === "works") return true;
  return trial === fault ? false : undefined;
}

/** Whether the application's user may push, by itself, by a group or as everyone may. */
async function checkShared(api: Api, rid: string, clientId: string): Promise<Check> {
  const where = { type: "queryString" as const, value: clientId };
  const found = await answer(api.POST("/api/v2/admin/users/search", { body: { where } }));
  const user = found.data.find((one) => one.username === clientId);
  if (user === undefined) return missing("It can be shared once the grant above is enabled.");
  const { queryFn } = rolesQuery(api, rid, { inherited: true });
  const [grants, groups] = await Promise.all([
    (queryFn as () => Promise<Schema<"RoleReply">[]>)(),
    answer(
      api.GET("/api/v2/admin/users/{user_id}/groupMemberships", {
        params: { path: { user_id: user.id }, query: { transitive: true } },
      }),
    ),
  ]);
  const ids = new Set([user.id, "everyone", ...groups.data.map((group) => group.groupId)]);
  const roles = grants.filter((grant) => ids.has(granteeOf(grant))).map((grant) => grant.roleId);
  if (roles.some((role) => PUSHING_ROLES.has(role))) return { state: "done" };
  return missing(
    roles.length === 0
      ? "Press Share at the top right, add the application and save."
      : "It needs the role Editor.",
  );
}

function missing(hint: string): Check {
  return { state: "missing", hint };
}
