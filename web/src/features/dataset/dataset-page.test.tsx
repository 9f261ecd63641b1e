import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { FakeServer, refusal } from "@/testing/fake-server";
import { renderAt } from "@/testing/render";

const RID = "ri.foundry.main.dataset.d1";
const DATASET = `/api/v2/datasets/${RID}`;
const TIME = "2026-11-29T10:00:00.000Z";

function server(): FakeServer {
  return new FakeServer()
    .signedIn()
    .on("GET", `/api/v2/filesystem/resources/${RID}`, {
      rid: RID,
      type: "FOUNDRY_DATASET",
      displayName: "Orders",
      projectRid: "p1",
      parentFolderRid: "p1",
      trashStatus: "NOT_TRASHED",
    })
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
