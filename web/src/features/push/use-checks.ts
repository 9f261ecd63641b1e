import { useQuery } from "@tanstack/react-query";
import { type Api, answer, useApi } from "@/lib/api";
import { ApiError } from "@/lib/errors";
import { type Grant, granteeOf, rolesKey, rolesQuery } from "@/lib/roles";
import {
  type Check,
  type Checks,
  existence,
  grantCheck,
  type Known,
  missing,
  scopeCheck,
  secretCheck,
} from "./checks";
import { type TokenTrial, tryToken } from "./token-trial";

const AGAIN_MS = 4_000;
const CLIENT_ID = /^[0-9a-f]{32}$/;
const SECRET_LENGTH_MIN = 40;
const PUSHING_ROLES = new Set(["owner", "editor"]);

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
    queryKey: [...rolesKey(rid), "check", clientId],
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

async function readApplication(api: Api, clientId: string): Promise<Known> {
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
function stateOf(application: Known | undefined) {
  if (application == null || application === "hidden") return application;
  return [application.grantTypes, application.operations, application.enabled];
}

/** A wrong secret stays wrong; grants and scopes may be being mended right now. */
function isWorthAsking(trial: TokenTrial | undefined): boolean {
  return trial === "no-grant" || trial === "no-scope" || trial === "busy";
}

/** Whether the application's user may push, by itself, by a group or as everyone may. */
async function checkShared(api: Api, rid: string, clientId: string): Promise<Check> {
  const where = { type: "queryString" as const, value: clientId };
  const found = await answer(api.POST("/api/v2/admin/users/search", { body: { where } }));
  const user = found.data.find((one) => one.username === clientId);
  if (user === undefined) return missing("It can be shared once the grant above is enabled.");
  const { queryFn } = rolesQuery(api, rid, { inherited: true });
  const [grants, groups] = await Promise.all([
    (queryFn as () => Promise<Grant[]>)(),
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
