import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type Api, answer, type Schema, useApi } from "@/lib/api";
import { useLocated } from "@/lib/resources";
import { type Grant, granteeOf, type RoleId, rolesKey, rolesQuery } from "@/lib/roles";
import {
  type Principal,
  principalOfGroup,
  principalOfUser,
  principalsOf,
  unknownPrincipal,
} from "./principals";

const RESULTS_MAX = 10;

/** Somebody's role on a resource, and where it was given. */
export interface Access {
  principal: Principal;
  roleId: string;
  /** It was given on the resource itself, so that it can be taken away here. */
  isDirect: boolean;
  /** The folders above on which it was given. */
  through: readonly string[];
}

/** A role that is to be given, or taken away, when the panel is saved. */
export interface RoleChange {
  principalId: string;
  roleId: string;
}

/** Find users, groups and applications by the start of a name or client id. */
export function usePrincipalSearch(text: string) {
  const api = useApi();
  const value = text.trim();
  return useQuery({
    queryKey: ["principals", "search", value],
    enabled: value !== "",
    queryFn: async () => {
      const body = { where: { type: "queryString" as const, value }, pageSize: RESULTS_MAX };
      const [users, groups] = await Promise.all([
        answer(api.POST("/api/v2/admin/users/search", { body })),
        answer(api.POST("/api/v2/admin/groups/search", { body })),
      ]);
      return [...users.data.map(principalOfUser), ...groups.data.map(principalOfGroup)];
    },
  });
}

/** Who has access to a resource, and through what. */
export function useAccess(rid: string) {
  const api = useApi();
  const located = useLocated(rid);
  const folders = located.data?.ancestors;
  return useQuery({
    queryKey: [...rolesKey(rid), "access", folders?.map((folder) => folder.rid)],
    enabled: folders !== undefined || located.isError,
    queryFn: async () => {
      const [all, direct, ...above] = await Promise.all([
        grants(api, rid, true),
        grants(api, rid, false),
        // Who does not see the roles of a folder still sees that a role comes from above.
        ...(folders ?? []).map((folder) => grants(api, folder.rid, false).catch(() => [])),
      ]);
      const principals = await principalsOf(api, all);
      return all.map((grant): Access => {
        const id = granteeOf(grant);
        const names = (folders ?? []).filter((_, index) => has(above[index] ?? [], grant));
        return {
          principal: principals.get(id) ?? unknownPrincipal(id),
          roleId: grant.roleId,
          isDirect: has(direct, grant),
          through: names.map((folder) => folder.displayName),
        };
      });
    },
  });
}

/** Give roles and take roles away. */
export function useSaveRoles(rid: string) {
  const api = useApi();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async ({ add, remove }: { add: RoleChange[]; remove: RoleChange[] }) => {
      const params = { path: { resource_rid: rid } };
      const path = "/api/v2/filesystem/resources/{resource_rid}/roles" as const;
      if (add.length > 0) {
        await answer(api.POST(`${path}/add`, { params, body: { roles: add.map(wire) } }));
      }
      if (remove.length > 0) {
        await answer(api.POST(`${path}/remove`, { params, body: { roles: remove.map(wire) } }));
      }
    },
    onSettled: () => queries.invalidateQueries({ queryKey: rolesKey(rid) }),
  });
}

export const DEFAULT_ROLE: RoleId = "editor";

function grants(api: Api, rid: string, inherited: boolean): Promise<Grant[]> {
  const { queryFn } = rolesQuery(api, rid, { inherited });
  return (queryFn as () => Promise<Grant[]>)();
}

function has(list: readonly Grant[], grant: Grant): boolean {
  return list.some((one) => one.roleId === grant.roleId && granteeOf(one) === granteeOf(grant));
}

function wire({ principalId, roleId }: RoleChange): Schema<"RoleIdentifier"> {
  return {
    resourceRolePrincipal:
      principalId === "everyone" ? { type: "everyone" } : { type: "principalIdOnly", principalId },
    roleId,
  };
}
