import { screen, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { refusal } from "@/testing/fake-server";
import { renderAt } from "@/testing/render";
import { childrenPath, inProject, PROJECT, projectServer, resourcePath } from "./fixtures";

const AT = `/projects/${PROJECT.rid}`;
const HALL = inProject("Hall 1");
const STREAM = inProject("temperatures", {
  rid: "ri.foundry.main.dataset.t",
  type: "FOUNDRY_DATASET",
});

test("folders and streams are links, folders first", async () => {
  await renderAt(AT, projectServer([STREAM, HALL]));

  const table = within(await screen.findByRole("table", { name: "Content of the folder" }));

  expect(table.getAllByRole("link").map((link) => link.textContent)).toEqual([
    "Hall 1",
    "temperatures",
  ]);
  expect(table.getByRole("link", { name: "temperatures" })).toHaveAttribute(
    "href",
    `/streams/${STREAM.rid}`,
  );
});

test("a folder shows the way to it", async () => {
  const server = projectServer()
    .on("GET", resourcePath(HALL.rid), HALL)
    .on("GET", childrenPath(HALL.rid), { data: [] });

  await renderAt(`/projects/${HALL.rid}`, server);

  const way = within(screen.getByRole("navigation", { name: "Breadcrumbs" }));
  expect(await way.findByRole("link", { name: "Factory" })).toHaveAttribute("href", AT);
});

test("the filter leaves the names that contain its text", async () => {
  const { user } = await renderAt(AT, projectServer([STREAM, HALL]));

  await user.type(await screen.findByRole("searchbox", { name: "Filter by name" }), "TEMP");

  expect(screen.getByRole("link", { name: "temperatures" })).toBeVisible();
  expect(screen.queryByRole("link", { name: "Hall 1" })).not.toBeInTheDocument();
});

test("New leads to a new stream in this folder", async () => {
  const { user } = await renderAt(AT, projectServer([HALL]));

  await user.click(screen.getByRole("button", { name: "New" }));

  expect(await screen.findByRole("menuitem", { name: "Stream" })).toHaveAttribute(
    "href",
    `/new-stream?folder=${PROJECT.rid}`,
  );
});

test("New makes a folder here", async () => {
  const server = projectServer([STREAM]).on("POST", "/api/v2/filesystem/folders", HALL);
  const { user } = await renderAt(AT, server);

  await user.click(screen.getByRole("button", { name: "New" }));
  await user.click(await screen.findByRole("menuitem", { name: "Folder" }));
  const dialog = within(await screen.findByRole("dialog", { name: "New folder" }));
  server.on("GET", childrenPath(PROJECT.rid), { data: [STREAM, HALL] });
  await user.type(dialog.getByRole("textbox", { name: "Name" }), "Hall 1");
  await user.click(dialog.getByRole("button", { name: "Create folder" }));

  expect(await screen.findByRole("link", { name: "Hall 1" })).toBeVisible();
  expect(server.calls("POST", "/api/v2/filesystem/folders")).toEqual([
    { displayName: "Hall 1", parentFolderRid: PROJECT.rid },
  ]);
});

test("what is moved to the trash can be taken back at once", async () => {
  const server = projectServer([HALL])
    .on("DELETE", resourcePath(HALL.rid))
    .on("POST", `${resourcePath(HALL.rid)}/restore`);
  const { user } = await renderAt(AT, server);

  await user.click(await screen.findByRole("button", { name: "Actions for Hall 1" }));
  server.on("GET", childrenPath(PROJECT.rid), { data: [] });
  await user.click(await screen.findByRole("menuitem", { name: "Move to trash" }));
  expect(await screen.findByText("Nothing here yet")).toBeVisible();

  server.on("GET", childrenPath(PROJECT.rid), { data: [HALL] });
  await user.click(await screen.findByRole("button", { name: "Undo" }));
  expect(await screen.findByRole("link", { name: "Hall 1" })).toBeVisible();
});

test("a folder that is not there says so", async () => {
  const missing = "ri.compass.main.folder.gone";
  const error = refusal(404, "ResourceNotFound", "the resource was not found");
  const server = projectServer().on("GET", resourcePath(missing), error);

  await renderAt(`/projects/${missing}`, server);

  expect(await screen.findByRole("alert")).toHaveTextContent("The resource was not found.");
});
