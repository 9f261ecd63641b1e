import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type Api, answer, type Schema, useApi } from "@/lib/api";
import { ApiError } from "@/lib/errors";
import { granteeOf, rolesKey, rolesQuery } from "@/lib/roles";
import { useUser } from "@/lib/session";
import { type Checks, checksOf, type Facts, isClientId, isTriable } from "./checks";
import { tryToken } from "./token-trial";

const AGAIN_MS = 3_000;
const PUSHING_ROLES = new Set(["owner", "editor"]);

/** Look at every step that leads to a working program, again and again until all is done. */
export function useChecks(rid: string, clientId: string, clientSecret: string): Checks {
  const api = useApi();
  const queries = useQueryClient();
  const { isAdmin } = useUser();
  const isGiven = isClientId(clientId);

  const application = useQuery({
    queryKey: ["applications", "check", clientId],
    enabled: isGiven && isAdmin,
    refetchInterval: ({ state }) => (state.data === null ? false : AGAIN_MS),
    retry: false,
    queryFn: () => readApplication(api, clientId),
  });
  const access = useQuery({
    queryKey: [...rolesKey(rid), "of", clientId],
    enabled: isGiven,
    refetchInterval: ({ state }) => (state.data === "pushes" ? false : AGAIN_MS),
    retry: false,
    queryFn: async (): Promise<Facts["access"]> => {
      const user = await serviceUser(api, clientId);
      if (user === undefined) return "no-user";
      const [grants, groups] = await Promise.all([
        queries.fetchQuery({ ...rolesQuery(api, rid, { inherited: true }), staleTime: 0 }),
        groupsOf(api, user.id),
      ]);
      const ids = new Set([user.id, "everyone", ...groups]);
      const own = grants.filter((grant) => ids.has(granteeOf(grant)));
      if (own.some((grant) => PUSHING_ROLES.has(grant.roleId))) return "pushes";
      return own.length === 0 ? "none" : "weak";
    },
  });
  const known = {
    clientId,
    clientSecret,
    application: isAdmin && !application.isError ? application.data : "hidden",
    access: access.data,
  } as const;
  const trial = useQuery({
    queryKey: ["applications", "trial", clientId, clientSecret],
    enabled: isGiven && isTriable(known),
    retry: false,
    // The key holds the secret.
    gcTime: 0,
    queryFn: () => tryToken(api, clientId, clientSecret),
  });
  return checksOf({ ...known, trial: trial.data });
}

async function readApplication(api: Api, clientId: string) {
  try {
    const params = { path: { client_id: clientId } };
    return await answer(api.GET("/multipass/api/clients/{client_id}", { params }));
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return null;
    throw error;
  }
}

async function serviceUser(api: Api, clientId: string): Promise<Schema<"UserWire"> | undefined> {
  const where = { type: "queryString" as const, value: clientId };
  const found = await answer(api.POST("/api/v2/admin/users/search", { body: { where } }));
  return found.data.find((user) => user.username === clientId);
}

async function groupsOf(api: Api, userId: string): Promise<string[]> {
  const { data } = await answer(
    api.GET("/api/v2/admin/users/{user_id}/groupMemberships", {
      params: { path: { user_id: userId }, query: { transitive: true } },
    }),
  );
  return data.map((group) => group.groupId);
}
