import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { FakeServer, refusal } from "@/testing/fake-server";
import { renderAt } from "@/testing/render";
import { inProject, resourcePath } from "./fixtures";
import type { Trashed } from "./use-folder";

const TRASH = "/api/v1/filesystem/trash";
const HALL = inProject("Hall 1", { path: "/Main/Factory/Hall 1", trashStatus: "DIRECTLY_TRASHED" });
const RESTORE = `${resourcePath(HALL.rid)}/restore`;
const DELETE = `${resourcePath(HALL.rid)}/permanentlyDelete`;

function trashed(changes: Partial<Trashed> = {}): Trashed {
  const may = { mayRestore: true, mayDelete: true };
  return { resource: HALL, trashedTime: "2026-11-26T07:00:00Z", ...may, ...changes };
}

function serverWith(...rows: Trashed[]): FakeServer {
  return new FakeServer().signedIn().on("GET", TRASH, { data: rows });
}

test("the trash says what was where", async () => {
  await renderAt("/trash", serverWith(trashed()));

  const table = within(await screen.findByRole("table", { name: "Trash" }));
  expect(table.getByRole("link", { name: "Hall 1" })).toBeVisible();
  expect(table.getByText("Main / Factory")).toBeVisible();
});

test("an empty trash says what comes here", async () => {
  await renderAt("/trash", serverWith());

  expect(await screen.findByText("The trash is empty")).toBeVisible();
});

test("a resource is restored", async () => {
  const server = serverWith(trashed()).on("POST", RESTORE);
  const { user } = await renderAt("/trash", server);

  const button = await screen.findByRole("button", { name: "Restore Hall 1" });
  server.on("GET", TRASH, { data: [] });
  await user.click(button);

  expect(await screen.findByText("Hall 1 is back.")).toBeVisible();
  expect(await screen.findByText("The trash is empty")).toBeVisible();
});

test("a refused restoration says why", async () => {
  const error = refusal(409, "ResourceNameAlreadyExists", "the name is taken meanwhile");
  const { user } = await renderAt("/trash", serverWith(trashed()).on("POST", RESTORE, error));

  await user.click(await screen.findByRole("button", { name: "Restore Hall 1" }));

  expect(await screen.findByText(/taken/)).toBeVisible();
  expect(screen.getByRole("link", { name: "Hall 1" })).toBeVisible();
});

test("a resource is deleted for ever only after its name was typed", async () => {
  const server = serverWith(trashed()).on("POST", DELETE);
  const { user } = await renderAt("/trash", server);

  await user.click(await screen.findByRole("button", { name: "Delete permanently: Hall 1" }));
  const dialog = within(await screen.findByRole("dialog"));
  const confirm = dialog.getByRole("button", { name: "Delete permanently" });
  expect(confirm).toBeDisabled();
  await user.type(dialog.getByRole("textbox"), "Hall 1");
  server.on("GET", TRASH, { data: [] });
  await user.click(confirm);

  expect(await screen.findByText("Hall 1 is deleted for ever.")).toBeVisible();
  await waitFor(() => expect(screen.queryByRole("dialog")).not.toBeInTheDocument());
  expect(server.calls("POST", DELETE)).toHaveLength(1);
});

test.each([
  [true, "all their records"],
  [false, "all their files"],
])(
  "it is said what is lost with a stream or dataset (is a stream: %s)",
  async (isStreaming, lost) => {
    const rid = "ri.foundry.main.dataset.t";
    const resource = inProject("temperatures", { rid, type: "FOUNDRY_DATASET" });
    const server = serverWith(trashed({ resource })).on(
      "POST",
      "/api/v1/datasets/getDescriptions",
      {
        data: { [rid]: { isStreaming } },
      },
    );
    const { user } = await renderAt("/trash", server);

    await screen.findByRole("cell", { name: isStreaming ? "Stream" : "Dataset" });
    await user.click(screen.getByRole("button", { name: "Delete permanently: temperatures" }));

    const dialog = within(await screen.findByRole("dialog"));
    expect(dialog.getByText(new RegExp(lost))).toBeVisible();
  },
);

test("who may not is offered neither", async () => {
  await renderAt("/trash", serverWith(trashed({ mayRestore: false, mayDelete: false })));

  expect(await screen.findByRole("link", { name: "Hall 1" })).toBeVisible();
  expect(screen.queryByRole("button", { name: /Hall 1/ })).not.toBeInTheDocument();
});

test("a page with nothing to see is followed by the next one", async () => {
  const server = serverWith().on("GET", TRASH, (request: Request) =>
    new URL(request.url).searchParams.has("pageToken")
      ? { data: [trashed()] }
      : { data: [], nextPageToken: "more" },
  );
  const { user } = await renderAt("/trash", server);

  await user.click(await screen.findByRole("button", { name: "Show more" }));

  expect(await screen.findByRole("link", { name: "Hall 1" })).toBeVisible();
});
