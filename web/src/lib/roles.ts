import { queryOptions } from "@tanstack/react-query";
import { type Api, answer, type Schema } from "./api";
import { inBatches } from "./batches";

export type Grant = Schema<"RoleReply">;
export type RoleId = "owner" | "editor" | "viewer" | "discoverer";

const PAGE_SIZE = 500;

/** A role, and what one with it may do. */
export interface RoleInfo {
  id: RoleId;
  label: string;
  may: string;
}

/** Strongest first; each holds what the ones below it hold. */
export const ROLES: readonly RoleInfo[] = [
  { id: "owner", label: "Owner", may: "share it with others and delete it for ever" },
  { id: "editor", label: "Editor", may: "push records, change settings and reset" },
  { id: "viewer", label: "Viewer", may: "see schema and settings, and read records" },
  { id: "discoverer", label: "Discoverer", may: "see that it exists and where" },
];

/** The roles that are given on a resource; with *inherited* also those given on folders above. */
export function rolesQuery(api: Api, rid: string, { inherited }: { inherited: boolean }) {
  return queryOptions({
    queryKey: rolesKey(rid, inherited),
    queryFn: () => allGrants(api, rid, inherited),
  });
}

/** The start of all keys of `rolesQuery` for a resource, or of those with or without inherited. */
export function rolesKey(rid: string, inherited?: boolean) {
  return inherited === undefined ? ["roles", rid] : ["roles", rid, inherited];
}

/** Whether one with that role may do what changes a resource, and share it up to the own role. */
export function mayEdit(roleId: string | null | undefined): boolean {
  return roleId === "editor" || roleId === "owner";
}

/** The role that the signed-in person has on a resource; `null` for none, as on most spaces. */
export function ownRoleQuery(api: Api, rid: string) {
  return queryOptions({
    queryKey: [...rolesKey(rid), "own"],
    queryFn: async () => {
      const path = { resource_rid: rid };
      const call = api.GET("/api/v1/filesystem/resources/{resource_rid}/ownRole", {
        params: { path },
      });
      return (await answer(call)).roleId;
    },
  });
}

/** The roles that the signed-in person has on those of the resources on which it has one, by RID. */
export function ownRolesQuery(api: Api, rids: readonly string[]) {
  return queryOptions({
    queryKey: ["roles", "own", rids],
    queryFn: () =>
      inBatches(rids, async (some) => {
        const body = some.map((resourceRid) => ({ resourceRid }));
        const call = api.POST("/api/v1/filesystem/resources/getOwnRoles", { body });
        return (await answer(call)).data;
      }),
  });
}

/** The roles that one with *roleId* may give: none stronger than the own one. */
export function rolesUpTo(roleId: string | null | undefined) {
  const own = ROLES.findIndex((role) => role.id === roleId);
  return own === -1 ? [] : ROLES.slice(own);
}

/** Who a grant is for: an id, or "everyone". */
export function granteeOf(grant: Grant): string {
  const principal = grant.resourceRolePrincipal;
  return principal.type === "everyone" ? "everyone" : principal.principalId;
}

/** The name of a role as people see it. */
export function roleLabel(roleId: string): string {
  return ROLES.find((role) => role.id === roleId)?.label ?? roleId;
}

async function allGrants(api: Api, rid: string, inherited: boolean): Promise<Grant[]> {
  const grants: Grant[] = [];
  let pageToken: string | null | undefined;
  do {
    const page = await answer(
      api.GET("/api/v2/filesystem/resources/{resource_rid}/roles", {
        params: {
          path: { resource_rid: rid },
          query: {
            includeInherited: inherited,
            pageSize: PAGE_SIZE,
            ...(pageToken && { pageToken }),
          },
        },
      }),
    );
    grants.push(...page.data);
    pageToken = page.nextPageToken;
  } while (pageToken);
  return grants;
}
