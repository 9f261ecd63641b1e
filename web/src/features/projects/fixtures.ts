import { FakeServer } from "@/testing/fake-server";
import type { Resource } from "./use-folder";

export const SPACE = "ri.compass.main.folder.space";
export const PROJECT = resource({ rid: "ri.compass.main.folder.p1", displayName: "Factory" });

/** A resource as the server describes it; a project unless *changes* says otherwise. */
export function resource(changes: Partial<Resource>): Resource {
  const rid = changes.rid ?? "ri.compass.main.folder.x";
  return {
    rid,
    displayName: "x",
    type: "COMPASS_FOLDER",
    path: "/Space/x",
    createdBy: "u",
    updatedBy: "u",
    createdTime: "2026-11-01T10:00:00Z",
    updatedTime: "2026-11-02T10:00:00Z",
    trashStatus: "NOT_TRASHED",
    parentFolderRid: SPACE,
    projectRid: rid,
    spaceRid: SPACE,
    ...changes,
  };
}

/** A folder or, with another type, a stream in `PROJECT`. */
export function inProject(displayName: string, changes: Partial<Resource> = {}): Resource {
  const rid = `ri.compass.main.folder.${displayName.toLowerCase().replaceAll(" ", "-")}`;
  const { rid: projectRid } = PROJECT;
  return resource({ rid, displayName, parentFolderRid: projectRid, projectRid, ...changes });
}

export function childrenPath(rid: string): string {
  return `/api/v2/filesystem/folders/${rid}/children`;
}

export function resourcePath(rid: string): string {
  return `/api/v2/filesystem/resources/${rid}`;
}

/** Where a folder or stream is renamed and moved. */
export function placePath(rid: string): string {
  return `/api/v1/filesystem/resources/${rid}`;
}

/** A server with one project in one space, where *children* lie in the project. */
export function projectServer(children: readonly Resource[] = []): FakeServer {
  return new FakeServer()
    .signedIn()
    .on("GET", "/api/v2/filesystem/spaces", { data: [{ rid: SPACE, displayName: "Space" }] })
    .on("GET", childrenPath(SPACE), { data: [PROJECT] })
    .on("GET", resourcePath(PROJECT.rid), PROJECT)
    .on("GET", childrenPath(PROJECT.rid), { data: children });
}
