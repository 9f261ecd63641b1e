import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type Api, answer, type Schema, useApi } from "@/lib/api";

export type User = Schema<"UserWire">;
export type NewUser = Schema<"NewUserBody">;

export const USERS = ["users"];
const PAGE_SIZE = 500;

/** All users, people first. */
export function useUsers() {
  const api = useApi();
  return useQuery({
    queryKey: USERS,
    queryFn: async () =>
      (await allUsers(api)).sort(
        (one, other) =>
          Number(isService(one)) - Number(isService(other)) ||
          nameOf(one).localeCompare(nameOf(other)),
      ),
  });
}

/** Make an account. */
export function useCreateUser() {
  const api = useApi();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: NewUser) => answer(api.POST("/api/v1/users", { body })),
    onSuccess: () => queries.invalidateQueries({ queryKey: USERS }),
  });
}

/** Let a user in again, or shut it out. */
export function useSetUserEnabled() {
  const api = useApi();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ userId, isEnabled }: { userId: string; isEnabled: boolean }) =>
      answer(
        api.POST(`/api/v1/users/{user_id}/${isEnabled ? "enable" : "disable"}`, {
          params: { path: { user_id: userId } },
        }),
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: USERS }),
  });
}

/** End an account for ever. */
export function useDeleteUser() {
  const api = useApi();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (userId: string) =>
      answer(
        api.DELETE("/api/v2/admin/users/{user_id}", { params: { path: { user_id: userId } } }),
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: USERS }),
  });
}

/** Give somebody else another password. */
export function useResetPassword(userId: string) {
  const api = useApi();
  return useMutation({
    mutationFn: (newPassword: string) =>
      answer(
        api.POST("/api/v1/users/{user_id}/password", {
          params: { path: { user_id: userId } },
          body: { newPassword },
        }),
      ),
  });
}

/** Whether an application stands behind the user, and no person. */
export function isService(user: User): boolean {
  return fact(user, "kind") === "service";
}

/** Whether the user may manage the server. */
export function isAdmin(user: User): boolean {
  return fact(user, "is-admin") === "true";
}

/** Whether the user is let in. */
export function isEnabled(user: User): boolean {
  return fact(user, "is-enabled") !== "false";
}

/** How the user is called: an application by its own name. */
export function nameOf(user: User): string {
  return isService(user) ? (user.givenName ?? user.username) : user.username;
}

/** Given and family name, where they are known. */
export function fullNameOf(user: User): string {
  return isService(user) ? "" : [user.givenName, user.familyName].filter(Boolean).join(" ");
}

function fact(user: User, name: string): string | undefined {
  return user.attributes[`sluiceway:${name}`]?.[0];
}

async function allUsers(api: Api): Promise<User[]> {
  const found: User[] = [];
  let pageToken: string | null | undefined;
  do {
    const page = await answer(
      api.GET("/api/v2/admin/users", {
        params: { query: { pageSize: PAGE_SIZE, ...(pageToken && { pageToken }) } },
      }),
    );
    found.push(...page.data);
    pageToken = page.nextPageToken;
  } while (pageToken);
  return found;
}
