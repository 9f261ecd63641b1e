import { type Api, answer, type Schema } from "@/lib/api";
import type { Grant } from "@/lib/roles";

/** A user, group or application that a resource can be shared with. */
export interface Principal {
  id: string;
  kind: "user" | "group" | "application" | "everyone";
  name: string;
  /** What else helps to tell it from others. */
  detail: string;
}

/** Find out who all of those with a grant are, by id. */
export async function principalsOf(
  api: Api,
  all: readonly Grant[],
): Promise<Map<string, Principal>> {
  const ids = (type: string) => [
    ...new Set(
      all.flatMap(({ resourceRolePrincipal: one }) =>
        one.type === "principalWithId" && one.principalType === type ? [one.principalId] : [],
      ),
    ),
  ];
  const users = ids("USER").map((userId) => ({ userId }));
  const groups = ids("GROUP").map((groupId) => ({ groupId }));
  const [foundUsers, foundGroups] = await Promise.all([
    users.length === 0
      ? undefined
      : answer(api.POST("/api/v2/admin/users/getBatch", { body: users })),
    groups.length === 0
      ? undefined
      : answer(api.POST("/api/v2/admin/groups/getBatch", { body: groups })),
  ]);
  const named = [
    EVERYONE,
    ...Object.values(foundUsers?.data ?? {}).map(principalOfUser),
    ...Object.values(foundGroups?.data ?? {}).map(principalOfGroup),
  ];
  return new Map(named.map((principal) => [principal.id, principal]));
}

const EVERYONE: Principal = {
  id: "everyone",
  kind: "everyone",
  name: "Everyone",
  detail: "all who can sign in",
};

/** A person, or an application that acts for itself. */
export function principalOfUser(user: Schema<"UserWire">): Principal {
  const isApplication = user.attributes["sluiceway:kind"]?.[0] === "service";
  const person = [user.givenName, user.familyName].filter(Boolean).join(" ");
  return {
    id: user.id,
    kind: isApplication ? "application" : "user",
    name: isApplication && person !== "" ? person : user.username,
    detail: isApplication ? `client ID ${user.username}` : person || (user.email ?? ""),
  };
}

/** A group. */
export function principalOfGroup(group: Schema<"GroupWire">): Principal {
  return { id: group.id, kind: "group", name: group.name, detail: group.description ?? "" };
}

/** Somebody of whom no more than the id is known. */
export function unknownPrincipal(id: string): Principal {
  return { id, kind: "user", name: "Somebody who was deleted", detail: id };
}
