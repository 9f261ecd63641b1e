import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { FakeServer, refusal } from "@/testing/fake-server";
import { renderAt } from "@/testing/render";
import type { Dataset } from "./use-dataset";

const RID = "ri.foundry.main.dataset.d1";
const DATASET = `/api/v2/datasets/${RID}`;
const TIME = "2026-11-29T10:00:00.000Z";

const DESCRIPTION: Dataset = {
  datasetRid: RID,
  name: "Orders",
  path: "/Main/Factory/Orders",
  role: "owner",
  trashStatus: "NOT_TRASHED",
  isStreaming: false,
  defaultBranch: "master",
};

function server(described: Partial<Dataset> = {}): FakeServer {
  return new FakeServer()
    .signedIn()
    .on("GET", `/api/v2/filesystem/resources/${RID}`, {
      rid: RID,
      type: "FOUNDRY_DATASET",
      displayName: "Orders",
      projectRid: "p1",
      parentFolderRid: "p1",
      trashStatus: described.trashStatus ?? "NOT_TRASHED",
    })
    .on("GET", `/api/v1/datasets/${RID}/description`, { ...DESCRIPTION, ...described })
    .on("GET", `${DATASET}/branches`, { data: [{ name: "dev" }, { name: "master" }] })
    .on("GET", `${DATASET}/files`, {
      data: [
        { path: "2026/a.csv", transactionRid: "t1", sizeBytes: "1200", updatedTime: TIME },
        { path: "b.csv", transactionRid: "t2", sizeBytes: "5", updatedTime: TIME },
      ],
    });
}

test("files are listed, to be downloaded and deleted after a question", async () => {
  const fake = server().on("DELETE", `${DATASET}/files/2026%2Fa.csv`);
  const { user } = await renderAt(`/datasets/${RID}`, fake);

  expect(await screen.findByText("2 files, 1.2 kB")).toBeVisible();
  expect(screen.getByRole("link", { name: "Download 2026/a.csv" })).toHaveAttribute(
    "href",
    `${DATASET}/files/2026%2Fa.csv/content?branchName=master`,
  );
  await user.click(screen.getByRole("button", { name: "Delete 2026/a.csv" }));
  const dialog = within(await screen.findByRole("dialog", { name: "Delete 2026/a.csv?" }));
  expect(fake.calls("DELETE", `${DATASET}/files/2026%2Fa.csv`)).toHaveLength(0);
  await user.click(dialog.getByRole("button", { name: "Delete" }));

  expect(await screen.findByText("2026/a.csv is deleted.")).toBeVisible();
  expect(fake.calls("DELETE", `${DATASET}/files/2026%2Fa.csv`)).toHaveLength(1);
});

test("a branch without files offers to upload some", async () => {
  const fake = server().on("GET", `${DATASET}/files`, { data: [] });
  const { user, router } = await renderAt(`/datasets/${RID}`, fake);
  expect(await screen.findByText("No files yet")).toBeVisible();

  await user.selectOptions(screen.getByRole("combobox", { name: "Branch" }), "dev");
  await user.click(await screen.findByRole("button", { name: "Upload files" }));

  const dialog = within(await screen.findByRole("dialog", { name: "Upload files" }));
  expect(dialog.getByRole("button", { name: "Upload" })).toBeDisabled();
  expect(router.state.location.search).toEqual({ branch: "dev" });
});

test("the first rows are shown with the schema's columns", async () => {
  const fake = server()
    .on("GET", `${DATASET}/getSchema`, {
      branchName: "master",
      endTransactionRid: "t1",
      versionId: "v1",
      schema: {
        fieldSchemaList: [
          { name: "id", type: "LONG", nullable: false },
          { name: "city", type: "STRING", nullable: true },
        ],
      },
    })
    .on(
      "GET",
      `${DATASET}/readTable`,
      () => new Response('"id","city"\n9007199254740993,"Oslo"\n2,\n'),
    );
  await renderAt(`/datasets/${RID}?tab=table`, fake);

  const table = within(await screen.findByRole("table", { name: "Rows" }));
  expect(table.getByRole("cell", { name: "9007199254740993" })).toBeVisible();
  expect(table.getByRole("cell", { name: "null" })).toBeVisible();
});

test("without a schema there is no table, and that is said", async () => {
  const fake = server().on("GET", `${DATASET}/getSchema`, refusal(404, "SchemaNotFound"));
  await renderAt(`/datasets/${RID}?tab=table`, fake);

  expect(await screen.findByText("No schema yet")).toBeVisible();
  expect(fake.calls("GET", `${DATASET}/readTable`)).toHaveLength(0);
});

test("older transactions are loaded when asked for", async () => {
  const transaction = (rid: string, status: string) => ({
    rid,
    status,
    transactionType: "UPDATE",
    createdTime: TIME,
    closedTime: TIME,
  });
  const fake = server().on("GET", `${DATASET}/branches/master/transactions`, (request: Request) =>
    new URL(request.url).searchParams.has("pageToken")
      ? { data: [transaction("ri.x.t1", "ABORTED")] }
      : { data: [transaction("ri.x.t2", "COMMITTED")], nextPageToken: "more" },
  );
  const { user } = await renderAt(`/datasets/${RID}?tab=history`, fake);

  expect(await screen.findByText("committed")).toBeVisible();
  expect(screen.getByText(/^1 commit of those/)).toBeVisible();
  await user.click(screen.getByRole("button", { name: "Load older" }));

  expect(await screen.findByText("aborted")).toBeVisible();
  await waitFor(() => expect(screen.queryByRole("button", { name: "Load older" })).toBeNull());
});

const CHANGING = /^(Upload files|Delete |Branches$)/;

test.each<[Partial<Dataset>, RegExp]>([
  [{ role: "viewer" }, /^You may read it. Only editors and owners/],
  [{ trashStatus: "ANCESTOR_TRASHED" }, /^A folder above is in the trash/],
  [{ isStreaming: true }, /^Its branches are streams/],
])("where nothing can be changed, nothing is offered: %o", async (described, why) => {
  await renderAt(`/datasets/${RID}`, server(described));

  expect(await screen.findByText("2 files, 1.2 kB")).toBeVisible();
  expect(screen.getByText(why)).toBeVisible();
  expect(screen.queryAllByRole("button", { name: "Share" })).toHaveLength(
    described.role === "viewer" ? 0 : 1,
  );
  expect(screen.queryAllByRole("button", { name: CHANGING })).toEqual([]);
  expect(screen.getByRole("combobox", { name: "Branch" })).toBeVisible();
});

test("an editor is offered all that an editor may do", async () => {
  await renderAt(`/datasets/${RID}`, server({ role: "editor" }));
  await screen.findByText("2 files, 1.2 kB");
  expect(screen.getByRole("button", { name: "Share" })).toBeVisible();

  const offered = screen.getAllByRole("button", { name: CHANGING });
  expect(offered.map((one) => one.getAttribute("aria-label") ?? one.textContent)).toEqual([
    "Branches",
    "Upload files",
    "Delete 2026/a.csv",
    "Delete b.csv",
  ]);
});

test("who may only discover it is told so, and nothing is asked in vain", async () => {
  const fake = server({ role: "discoverer" });
  await renderAt(`/datasets/${RID}`, fake);

  expect(await screen.findByText("You may not read this dataset")).toBeVisible();
  expect(fake.calls("GET", `${DATASET}/branches`)).toEqual([]);
  expect(fake.calls("GET", `${DATASET}/files`)).toEqual([]);
});

test("a branch is made from what another one has, and shown", async () => {
  const rid = "ri.foundry.main.transaction.t3";
  const fake = server()
    .on("POST", `${DATASET}/branches`, { name: "next" })
    .on("GET", `${DATASET}/branches/master/transactions`, {
      data: [
        { rid: "ri.foundry.main.transaction.t4", status: "OPEN" },
        { rid, status: "COMMITTED" },
      ],
    });
  const { user, router } = await renderAt(`/datasets/${RID}`, fake);
  await user.click(await screen.findByRole("button", { name: "Branches" }));
  expect(await screen.findByRole("menuitem", { name: "The default branch stays" })).toHaveAttribute(
    "aria-disabled",
    "true",
  );
  await user.click(screen.getByRole("menuitem", { name: "New branch" }));

  const form = within(await screen.findByRole("dialog", { name: "New branch" }));
  await user.type(form.getByRole("textbox", { name: "Name" }), " next ");
  await user.click(form.getByRole("button", { name: "Create branch" }));

  expect(await screen.findByText("The branch next is made.")).toBeVisible();
  expect(fake.calls("POST", `${DATASET}/branches`)).toEqual([
    { name: "next", transactionRid: rid },
  ]);
  expect(router.state.location.search).toEqual({ branch: "next" });
});

test("a branch may begin empty, and what is wrong with its name is said there", async () => {
  const taken = refusal(409, "BranchAlreadyExists", "there is a branch dev");
  const fake = server().on("POST", `${DATASET}/branches`, taken);
  const { user } = await renderAt(`/datasets/${RID}`, fake);
  await user.click(await screen.findByRole("button", { name: "Branches" }));
  await user.click(await screen.findByRole("menuitem", { name: "New branch" }));
  const form = within(await screen.findByRole("dialog", { name: "New branch" }));
  const name = form.getByRole("textbox", { name: "Name" });
  await user.type(name, "dev");
  await user.click(form.getByRole("radio", { name: "Nothing" }));
  await user.click(form.getByRole("button", { name: "Create branch" }));

  await waitFor(() => expect(name).toHaveAccessibleDescription("There is a branch dev."));
  expect(fake.calls("POST", `${DATASET}/branches`)).toEqual([{ name: "dev" }]);
});

test("a branch is deleted after a question, and the default one is shown", async () => {
  const fake = server().on("DELETE", `${DATASET}/branches/dev`);
  const { user, router } = await renderAt(`/datasets/${RID}?branch=dev`, fake);
  await user.click(await screen.findByRole("button", { name: "Branches" }));
  await user.click(await screen.findByRole("menuitem", { name: "Delete branch dev" }));
  const asked = within(await screen.findByRole("dialog", { name: "Delete branch dev?" }));
  expect(fake.calls("DELETE", `${DATASET}/branches/dev`)).toEqual([]);
  await user.click(asked.getByRole("button", { name: "Delete branch" }));

  expect(await screen.findByText("The branch dev is deleted.")).toBeVisible();
  expect(fake.calls("DELETE", `${DATASET}/branches/dev`)).toHaveLength(1);
  expect(router.state.location.search).toEqual({ branch: "master" });
});
