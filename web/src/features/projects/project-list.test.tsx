import { screen, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { refusal } from "@/testing/fake-server";
import { renderAt } from "@/testing/render";
import { childrenPath, PROJECT, projectServer, resource, SPACE } from "./fixtures";

test("each project is a link by its name", async () => {
  await renderAt("/projects", projectServer());

  const link = await screen.findByRole("link", { name: "Factory" });

  expect(link).toHaveAttribute("href", `/projects/${PROJECT.rid}`);
});

test("only owners change a project", async () => {
  const other = resource({ rid: "ri.compass.main.folder.p2", displayName: "Fleet" });
  const server = projectServer()
    .on("GET", childrenPath(SPACE), { data: [PROJECT, other] })
    .on("POST", "/api/v1/filesystem/resources/getOwnRoles", {
      data: { [PROJECT.rid]: "editor", [other.rid]: "owner" },
    });
  await renderAt("/projects", server);

  expect(await screen.findByRole("button", { name: "Actions for Fleet" })).toBeVisible();
  expect(screen.getByRole("link", { name: "Factory" })).toBeVisible();
  expect(screen.queryByRole("button", { name: "Actions for Factory" })).not.toBeInTheDocument();
});

test("without a project the page says what to do", async () => {
  const server = projectServer().on("GET", childrenPath(SPACE), { data: [] });

  await renderAt("/projects", server);

  expect(await screen.findByText("No projects yet")).toBeVisible();
  expect(screen.getByRole("button", { name: "New project" })).toBeVisible();
  expect(screen.getByRole("button", { name: "Create your first project" })).toBeVisible();
});

test("a new project is made and opened", async () => {
  const made = resource({ rid: "ri.compass.main.folder.p2", displayName: "Fleet" });
  const server = projectServer()
    .on("POST", "/api/v2/filesystem/projects/create", made)
    .on("GET", `/api/v2/filesystem/resources/${made.rid}`, made)
    .on("GET", childrenPath(made.rid), { data: [] });
  const { user } = await renderAt("/projects", server);

  await user.click(screen.getByRole("button", { name: "New project" }));
  const dialog = within(await screen.findByRole("dialog", { name: "New project" }));
  await user.type(dialog.getByRole("textbox", { name: "Name" }), " Fleet ");
  await user.click(dialog.getByRole("button", { name: "Create project" }));

  await screen.findByRole("heading", { name: "Fleet" });
  expect(server.calls("POST", "/api/v2/filesystem/projects/create")).toEqual([
    { displayName: "Fleet", spaceRid: SPACE, description: null },
  ]);
});

test("changes carry the session's word against forgery", async () => {
  const server = projectServer().on(
    "POST",
    "/api/v2/filesystem/projects/create",
    refusal(400, "InvalidDisplayName", "the name has a slash"),
  );
  const { user } = await renderAt("/projects", server);

  await user.click(screen.getByRole("button", { name: "New project" }));
  const dialog = within(await screen.findByRole("dialog"));
  await user.type(dialog.getByRole("textbox", { name: "Name" }), "a/b{Enter}");

  expect(await dialog.findByRole("alert")).toHaveTextContent("The name has a slash.");
  const sent = server.received.find((call) => call.method === "POST");
  expect(sent?.headers.get("X-CSRF-Token")).toBe("csrf-word");
});

test("a list that cannot be read says so and can be tried again", async () => {
  const server = projectServer().on("GET", childrenPath(SPACE), refusal(403, "PermissionDenied"));
  const { user } = await renderAt("/projects", server);
  expect(await screen.findByRole("alert")).toHaveTextContent("No permission");

  server.on("GET", childrenPath(SPACE), { data: [PROJECT] });
  await user.click(screen.getByRole("button", { name: "Try again" }));

  expect(await screen.findByRole("link", { name: "Factory" })).toBeVisible();
});

test("a session that ended leads to the sign-in page and back", async () => {
  const server = projectServer().on("GET", childrenPath(SPACE), refusal(401, "Unauthorized"));

  const { router } = await renderAt("/projects", server);

  expect(await screen.findByRole("heading", { name: "Sign in" })).toBeVisible();
  expect(router.state.location.search).toEqual({ next: "/projects" });
});
