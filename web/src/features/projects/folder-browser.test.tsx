import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { refusal } from "@/testing/fake-server";
import { renderAt } from "@/testing/render";
import {
  childrenPath,
  inProject,
  PROJECT,
  placePath,
  projectServer,
  resourcePath,
  SPACE,
} from "./fixtures";

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

test("a dataset of files is no stream", async () => {
  const files = inProject("archive", { rid: "ri.foundry.main.dataset.f", type: STREAM.type });
  const server = projectServer([STREAM, files]).on(
    "POST",
    "/api/v1/datasets/getDescriptions",
    (_: Request, body: unknown) => {
      expect(body).toEqual([{ datasetRid: files.rid }, { datasetRid: STREAM.rid }]);
      return { data: { [STREAM.rid]: { isStreaming: true }, [files.rid]: { isStreaming: false } } };
    },
  );
  await renderAt(AT, server);

  expect(await screen.findByRole("cell", { name: "Dataset" })).toBeVisible();
  expect(screen.getByRole("cell", { name: "Stream" })).toBeVisible();
  expect(screen.getByRole("link", { name: "archive" })).toHaveAttribute(
    "href",
    `/datasets/${files.rid}`,
  );
});

test("what cannot be told apart is still a link", async () => {
  const failure = refusal(503, "Overloaded");
  const server = projectServer([STREAM]).on("POST", "/api/v1/datasets/getDescriptions", failure);
  await renderAt(AT, server);

  expect(await screen.findByRole("link", { name: "temperatures" })).toHaveAttribute(
    "href",
    `/streams/${STREAM.rid}`,
  );
  expect(screen.queryByRole("cell", { name: "Stream" })).not.toBeInTheDocument();
});

test("a folder shows the way to it", async () => {
  const server = projectServer()
    .on("GET", resourcePath(HALL.rid), HALL)
    .on("GET", childrenPath(HALL.rid), { data: [] });

  await renderAt(`/projects/${HALL.rid}`, server);

  const way = within(screen.getByRole("navigation", { name: "Breadcrumbs" }));
  expect(await way.findByRole("link", { name: "Factory" })).toHaveAttribute("href", AT);
});

test("the search finds what lies deeper, and says where", async () => {
  const deep = inProject("Temperature log", { path: "/Space/Factory/Hall 1/Temperature log" });
  const asked: (string | null)[] = [];
  const server = projectServer([STREAM, HALL]).on(
    "GET",
    "/api/v1/filesystem/search",
    (request: Request) => {
      const query = new URL(request.url).searchParams;
      asked.push(query.get("text"), query.get("folderRid"));
      return { data: [deep], isComplete: true };
    },
  );
  const { user } = await renderAt(AT, server);

  await user.type(await screen.findByRole("searchbox", { name: "Search" }), " TEMP ");

  const found = within(await screen.findByRole("table", { name: "Found" }));
  expect(found.getByRole("link", { name: "Temperature log" })).toBeVisible();
  expect(found.getByText("Space / Factory / Hall 1")).toBeVisible();
  expect(screen.getByText("1 found")).toBeVisible();
  expect(screen.queryByRole("link", { name: "Hall 1" })).not.toBeInTheDocument();
  expect(asked).toEqual(["TEMP", PROJECT.rid]);
});

test("a search that finds nothing, or too much, says so", async () => {
  const server = projectServer([HALL]).on("GET", "/api/v1/filesystem/search", {
    data: [],
    isComplete: true,
  });
  const { user } = await renderAt(AT, server);
  const box = await screen.findByRole("searchbox", { name: "Search" });

  await user.type(box, "x");
  expect(await screen.findByText("No name contains “x”")).toBeVisible();

  server.on("GET", "/api/v1/filesystem/search", { data: [HALL], isComplete: false });
  await user.type(box, "y");
  expect(await screen.findByText(/^The first 1; type more/)).toBeVisible();

  await user.clear(box);
  expect(await screen.findByRole("table", { name: "Content of the folder" })).toBeVisible();
});

test("New leads to a new stream in this folder", async () => {
  const { user } = await renderAt(AT, projectServer([HALL]));

  await user.click(screen.getByRole("button", { name: "New" }));

  expect(await screen.findByRole("menuitem", { name: "Stream" })).toHaveAttribute(
    "href",
    `/new-stream?folder=${PROJECT.rid}`,
  );
});

test("who may only read is offered nothing that would be refused", async () => {
  const server = projectServer([HALL]).on("GET", `${placePath(PROJECT.rid)}/ownRole`, {
    roleId: "viewer",
  });
  await renderAt(AT, server);

  expect(await screen.findByRole("link", { name: "Hall 1" })).toBeVisible();
  expect(screen.queryByRole("button", { name: "Share" })).not.toBeInTheDocument();
  expect(screen.queryByRole("button", { name: "New" })).not.toBeInTheDocument();
  expect(screen.queryByRole("button", { name: /^Actions/ })).not.toBeInTheDocument();
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

test("New makes a project and goes there", async () => {
  const server = projectServer([STREAM])
    .on("POST", "/api/v2/filesystem/projects/create", { ...PROJECT, rid: HALL.rid })
    .on("GET", resourcePath(HALL.rid), HALL)
    .on("GET", childrenPath(HALL.rid), { data: [] });
  const { user } = await renderAt(AT, server);

  await user.click(screen.getByRole("button", { name: "New" }));
  await user.click(await screen.findByRole("menuitem", { name: "Project" }));
  const dialog = within(await screen.findByRole("dialog", { name: "New project" }));
  await user.type(dialog.getByRole("textbox", { name: "Name" }), "Plant");
  await user.click(dialog.getByRole("button", { name: "Create project" }));

  expect(await screen.findByRole("heading", { level: 1, name: "Hall 1" })).toBeVisible();
  expect(server.calls("POST", "/api/v2/filesystem/projects/create")).toEqual([
    { displayName: "Plant", description: null, spaceRid: SPACE },
  ]);
});

test("a stream is renamed where it lies", async () => {
  const server = projectServer([STREAM]).on("PUT", placePath(STREAM.rid), STREAM);
  const { user } = await renderAt(AT, server);

  await user.click(await screen.findByRole("button", { name: "Actions for temperatures" }));
  await user.click(await screen.findByRole("menuitem", { name: "Rename" }));
  const dialog = within(await screen.findByRole("dialog", { name: "Rename temperatures" }));
  expect(dialog.getByRole("button", { name: "Rename" })).toBeDisabled();
  const name = dialog.getByRole("textbox", { name: "Name" });
  await user.clear(name);
  await user.type(name, "heat{Enter}");

  await waitFor(() => expect(screen.queryByRole("dialog")).not.toBeInTheDocument());
  expect(server.calls("PUT", placePath(STREAM.rid))).toEqual([{ displayName: "heat" }]);
});

test("a refused name is said in the dialog, which stays", async () => {
  const error = refusal(409, "ResourceNameAlreadyExists", "the name is taken");
  const server = projectServer([STREAM]).on("PUT", placePath(STREAM.rid), error);
  const { user } = await renderAt(AT, server);

  await user.click(await screen.findByRole("button", { name: "Actions for temperatures" }));
  await user.click(await screen.findByRole("menuitem", { name: "Rename" }));
  const dialog = within(await screen.findByRole("dialog"));
  await user.type(dialog.getByRole("textbox", { name: "Name" }), "2{Enter}");

  expect(await dialog.findByRole("alert")).toBeVisible();
  expect(dialog.getByRole("textbox", { name: "Name" })).toHaveValue("temperatures2");
});

test("a stream is moved by walking through projects and folders", async () => {
  const moved = { ...STREAM, parentFolderRid: HALL.rid };
  const server = projectServer([STREAM, HALL])
    .on("GET", resourcePath(HALL.rid), HALL)
    .on("GET", childrenPath(HALL.rid), { data: [] })
    .on("PUT", placePath(STREAM.rid), moved);
  const { user } = await renderAt(AT, server);

  await user.click(await screen.findByRole("button", { name: "Actions for temperatures" }));
  await user.click(await screen.findByRole("menuitem", { name: "Move" }));
  const dialog = within(await screen.findByRole("dialog", { name: "Move temperatures" }));
  expect(await dialog.findByRole("button", { name: "Move to Factory" })).toBeDisabled();
  const way = within(dialog.getByRole("navigation", { name: "Way" }));
  await user.click(way.getByRole("button", { name: "Projects" }));
  const projects = within(await dialog.findByRole("list", { name: "Projects" }));
  await user.click(projects.getByRole("button", { name: "Factory" }));
  const folders = within(await dialog.findByRole("list", { name: "Folders" }));
  expect(folders.queryByRole("button", { name: "temperatures" })).not.toBeInTheDocument();
  await user.click(folders.getByRole("button", { name: "Hall 1" }));
  expect(await dialog.findByText("No folders in here.")).toBeVisible();
  await user.click(dialog.getByRole("button", { name: "Move to Hall 1" }));

  expect(await screen.findByText("temperatures is in Hall 1 now.")).toBeVisible();
  expect(server.calls("PUT", placePath(STREAM.rid))).toEqual([
    { displayName: "temperatures", parentFolderRid: HALL.rid },
  ]);
});

test("a folder is not moved into itself", async () => {
  const { user } = await renderAt(AT, projectServer([HALL]));

  await user.click(await screen.findByRole("button", { name: "Actions for Hall 1" }));
  await user.click(await screen.findByRole("menuitem", { name: "Move" }));

  const dialog = within(await screen.findByRole("dialog", { name: "Move Hall 1" }));
  expect(await dialog.findByText("No folders in here.")).toBeVisible();
});

test("a project's name and description are changed together", async () => {
  const put = `/api/v2/filesystem/projects/${PROJECT.rid}`;
  const server = projectServer([HALL]).on("PUT", put, PROJECT);
  const { user } = await renderAt(AT, server);

  await user.click(await screen.findByRole("button", { name: "Actions" }));
  await user.click(await screen.findByRole("menuitem", { name: "Rename and describe" }));
  const dialog = within(await screen.findByRole("dialog"));
  await user.type(dialog.getByRole("textbox", { name: /^Description/ }), "All halls");
  await user.click(dialog.getByRole("button", { name: "Save" }));

  await waitFor(() => expect(screen.queryByRole("dialog")).not.toBeInTheDocument());
  expect(server.calls("PUT", put)).toEqual([{ displayName: "Factory", description: "All halls" }]);
});

test("a folder in the trash takes nothing new, and is restored on its page", async () => {
  const trashed = { ...HALL, trashStatus: "DIRECTLY_TRASHED" };
  const server = projectServer()
    .on("GET", resourcePath(HALL.rid), trashed)
    .on("GET", childrenPath(HALL.rid), { data: [] })
    .on("POST", `${resourcePath(HALL.rid)}/restore`);
  const { user } = await renderAt(`/projects/${HALL.rid}`, server);

  expect(screen.queryByRole("button", { name: "New" })).not.toBeInTheDocument();
  expect(screen.getByText(/^This folder is in the trash/)).toBeVisible();
  server.on("GET", resourcePath(HALL.rid), HALL);
  await user.click(screen.getByRole("button", { name: "Restore" }));

  expect(await screen.findByRole("button", { name: "New" })).toBeVisible();
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
