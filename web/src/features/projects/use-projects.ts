import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type Api, answer, type Schema, useApi } from "@/lib/api";
import { allChildren, type Resource } from "./use-folder";

export type Space = Schema<"SpaceReply">;

const PROJECTS = ["projects"];

/** The spaces that projects lie in; most servers have one. */
export function useSpaces() {
  const api = useApi();
  return useQuery({
    queryKey: ["spaces"],
    queryFn: async () => (await answer(api.GET("/api/v2/filesystem/spaces"))).data,
  });
}

/** All projects that the user may see, by name. */
export function useProjects() {
  const api = useApi();
  return useQuery({ queryKey: PROJECTS, queryFn: () => readProjects(api) });
}

/** Make a project. */
export function useCreateProject() {
  const api = useApi();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: Schema<"CreateProjectRequest">) =>
      answer(api.POST("/api/v2/filesystem/projects/create", { body })),
    onSuccess: () => queries.invalidateQueries({ queryKey: PROJECTS }),
  });
}

async function readProjects(api: Api): Promise<Resource[]> {
  const spaces = await answer(api.GET("/api/v2/filesystem/spaces"));
  const found = await Promise.all(spaces.data.map((space) => allChildren(api, space.rid)));
  return found.flat().sort((one, other) => one.displayName.localeCompare(other.displayName));
}
