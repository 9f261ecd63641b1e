import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type Api, answer, type Schema, useApi } from "@/lib/api";

export type Application = Schema<"ApplicationReply">;
export type RegisteredApplication = Schema<"RegisteredApplicationReply">;
export type ApplicationBody = Schema<"ApplicationBody">;

const APPLICATIONS = ["applications"];
const PAGE_SIZE = 500;

/** All third-party applications, by name; for administrators. */
export function useApplications() {
  const api = useApi();
  return useQuery({
    queryKey: [...APPLICATIONS, "list"],
    queryFn: async () =>
      (await allApplications(api)).sort((one, other) =>
        one.displayName.localeCompare(other.displayName),
      ),
  });
}

/** One application. */
export function useApplication(clientId: string) {
  return useQuery(applicationQuery(useApi(), clientId));
}

/** Register an application; the answer has its secret. */
export function useRegister() {
  const api = useApi();
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (body: ApplicationBody) => answer(api.POST("/multipass/api/clients", { body })),
    onSuccess: refresh,
  });
}

/** Change an application. */
export function useSaveApplication(clientId: string) {
  const api = useApi();
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (body: ApplicationBody) =>
      answer(api.PUT("/multipass/api/clients/{client_id}", { ...at(clientId), body })),
    onSuccess: refresh,
  });
}

/** Let an application in, or shut it out. */
export function useSetEnabled(clientId: string) {
  const api = useApi();
  const refresh = useRefresh();
  return useMutation({
    mutationFn: async (isEnabled: boolean) => {
      const path = "/multipass/api/client-installations/{client_id}";
      if (isEnabled) {
        await answer(api.PUT(path, { ...at(clientId), body: { requireConsent: true } }));
      } else {
        await answer(api.DELETE(path, at(clientId)));
      }
    },
    onSuccess: refresh,
  });
}

/** Give an application another secret; the answer has it. */
export function useRotateSecret(clientId: string) {
  const api = useApi();
  const refresh = useRefresh();
  return useMutation({
    mutationFn: () =>
      answer(api.PUT("/multipass/api/clients/{client_id}/rotateSecret", at(clientId))),
    onSuccess: refresh,
  });
}

/** Delete an application for ever. */
export function useDeleteApplication(clientId: string) {
  const api = useApi();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => answer(api.DELETE("/multipass/api/clients/{client_id}", at(clientId))),
    onSuccess: () => {
      queries.removeQueries({ queryKey: applicationQuery(api, clientId).queryKey });
      return queries.invalidateQueries({ queryKey: [...APPLICATIONS, "list"] });
    },
  });
}

function applicationQuery(api: Api, clientId: string) {
  return queryOptions({
    queryKey: [...APPLICATIONS, "one", clientId],
    queryFn: () => answer(api.GET("/multipass/api/clients/{client_id}", at(clientId))),
  });
}

async function allApplications(api: Api): Promise<Application[]> {
  const found: Application[] = [];
  let start: string | null | undefined;
  do {
    const page = await answer(
      api.GET("/multipass/api/clients", {
        params: { query: { limit: PAGE_SIZE, ...(start && { start }) } },
      }),
    );
    found.push(...page.values);
    start = page.nextPageToken;
  } while (start);
  return found;
}

function at(clientId: string) {
  return { params: { path: { client_id: clientId } } };
}

function useRefresh() {
  const queries = useQueryClient();
  return () => queries.invalidateQueries({ queryKey: APPLICATIONS });
}
