import { screen, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { refusal } from "@/testing/fake-server";
import { renderAt } from "@/testing/render";
import { RID, STREAM, serverWithStream } from "./fixtures";
import type { Statistics } from "./wire";

const PATH = `/streams/${RID}`;
const STATISTICS: Statistics = {
  window: "5m",
  bucketSeconds: 10,
  start: "2026-11-23T20:00:00.000Z",
  countedSince: "2026-11-23T20:00:00.000Z",
  series: {
    records: [100, 300, 5],
    bytes: [1_000, 3_000, 50],
    requests: [1, 1, 1],
    rejected: { schema: [0, 2, 0] },
    latencyP50Ms: [1.5, 2.5, null],
    latencyP99Ms: [10, 20, null],
  },
  partitions: [{ partition: 0, records: 405, endOffset: 405, archivedThrough: 305 }],
  archiveBehindSeconds: 2.25,
};

test("the head has the name, the way and what one does", async () => {
  const { server } = serverWithStream();
  await renderAt(PATH, server);

  expect(screen.getByRole("heading", { level: 1, name: "Furnace" })).toBeVisible();
  expect(await screen.findByRole("link", { name: "Factory" })).toBeVisible();
  for (const name of ["Share", "Push data"]) {
    expect(screen.getByRole("button", { name })).toBeVisible();
  }
  for (const name of ["Preview", "Details", "Metrics", "Subscribers", "Activity"]) {
    expect(screen.getByRole("tab", { name })).toBeVisible();
  }
});

test("a stream is reset only after its name was typed", async () => {
  const reset = `/api/v2/streams/datasets/${RID}/streams/master/reset`;
  const { server } = serverWithStream();
  server.on("POST", reset, {});
  const { user } = await renderAt(`${PATH}?tab=details`, server);

  await user.click(screen.getByRole("button", { name: "Reset stream" }));
  const dialog = within(await screen.findByRole("dialog"));
  expect(dialog.getByRole("button", { name: "Reset" })).toBeDisabled();
  await user.type(dialog.getByRole("textbox"), "Furnace");
  await user.click(dialog.getByRole("button", { name: "Reset" }));

  await screen.findByText("Furnace is empty now.");
  expect(server.calls("POST", reset)).toEqual([{}]);
});

test("who may only look is offered no reset, and not to share", async () => {
  const { server } = serverWithStream({ role: "viewer" });
  await renderAt(`${PATH}?tab=details`, server);

  expect(screen.queryByRole("button", { name: "Actions" })).not.toBeInTheDocument();
  expect(screen.queryByRole("button", { name: "Reset stream" })).not.toBeInTheDocument();
  expect(screen.queryByRole("button", { name: "Share" })).not.toBeInTheDocument();
});

test("the metrics are said in words too", async () => {
  const { server } = serverWithStream();
  server.on("GET", `${STREAM}/statistics`, STATISTICS);
  await renderAt(`${PATH}?tab=metrics`, server);

  expect(await screen.findByText(/20\/s on average, at most 30\/s at/)).toBeVisible();
  expect(screen.getByText("most: does not fit the schema")).toBeVisible();
  expect(screen.getByText("20 ms")).toBeVisible();
});

test("how far the table is behind is said", async () => {
  const { server } = serverWithStream();
  server.on("GET", `${STREAM}/statistics`, STATISTICS);
  await renderAt(`${PATH}?tab=metrics`, server);

  expect(await screen.findByText("2.3 s behind")).toBeVisible();
  expect(screen.getByText("100 records not in the table yet")).toBeVisible();
  expect(screen.getByRole("cell", { name: "to 305" })).toBeVisible();
});

test("where nothing is archived, the metrics say so", async () => {
  const { server } = serverWithStream();
  const { archiveBehindSeconds: _, ...off } = STATISTICS;
  server.on("GET", `${STREAM}/statistics`, off);
  await renderAt(`${PATH}?tab=metrics`, server);

  expect(await screen.findByText("records stay in the log")).toBeVisible();
  expect(screen.queryByRole("columnheader", { name: "Archived" })).not.toBeInTheDocument();
});

test("the table is opened with code for another program", async () => {
  const { server } = serverWithStream();
  const table = {
    table: "sluiceway.furnace_master_0123",
    catalogType: "sql",
    catalogUri: null,
    metadataLocation: "s3://bucket/metadata.json",
    columns: ["sensor_id", "it's hot", "_partition", "_offset", "_ingested_at"],
    filesCount: 2,
    rowsCount: 405,
    storedBytes: 9_000,
  };
  server.on("GET", `${STREAM}/archive`, { table });
  const { user } = await renderAt(`${PATH}?tab=details`, server);

  const duckdb = await screen.findByRole("region", { name: "DuckDB" });
  expect(duckdb).toHaveTextContent('load_table("sluiceway.furnace_master_0123")');
  expect(duckdb).toHaveTextContent('os.environ["ICEBERG_CATALOG_URI"]');
  await user.click(screen.getByRole("radio", { name: "Spark" }));

  const spark = screen.getByRole("region", { name: "Spark" });
  expect(spark).toHaveTextContent("catalog.sluiceway.type=jdbc");
  // Spark reads no column of the name _partition, not even within a star.
  expect(spark).toHaveTextContent(
    "-e 'SELECT sensor_id, `it'\\''s hot`, _offset, _ingested_at FROM sluiceway.sluiceway.furnace",
  );
});

test("a subscriber is set back to the earliest record", async () => {
  const reset = `/api/v2/highScale/streams/datasets/${RID}/streams/master/subscribers/report/resetOffsets`;
  const { server } = serverWithStream();
  server.on("POST", reset, { 0: 0 }).on("GET", `${STREAM}/subscribers`, {
    data: [
      {
        subscriberId: "report",
        readPosition: { type: "earliest" },
        viewRid: "v1",
        positions: { 0: 2 },
        lag: { 0: 10 },
        lagTotal: 10,
        createdTime: "2026-11-23T20:00:00.000Z",
      },
    ],
  });
  const { user } = await renderAt(`${PATH}?tab=subscribers`, server);

  await user.click(await screen.findByRole("button", { name: "Actions for report" }));
  await user.click(await screen.findByRole("menuitem", { name: "Reset position" }));
  const dialog = within(await screen.findByRole("dialog"));
  await user.click(dialog.getByRole("button", { name: "Reset position" }));

  expect(server.calls("POST", reset)).toEqual([{ position: { type: "earliest" } }]);
});

test("older activity is loaded when asked for", async () => {
  const event = (eventId: string, text: string) => ({
    eventId,
    text,
    time: "2026-11-23T20:00:00.000Z",
    actorName: "ada",
    action: "stream.reset",
    details: {},
  });
  const { server } = serverWithStream();
  server.on("GET", `${STREAM}/activity`, (request: Request) =>
    new URL(request.url).searchParams.has("pageToken")
      ? { data: [event("1", "ada created the stream")] }
      : { data: [event("2", "ada reset the stream")], nextPageToken: "more" },
  );
  const { user } = await renderAt(`${PATH}?tab=activity`, server);

  await screen.findByText("ada reset the stream");
  await user.click(screen.getByRole("button", { name: "Load older" }));

  expect(await screen.findByText("ada created the stream")).toBeVisible();
  expect(screen.queryByRole("button", { name: "Load older" })).not.toBeInTheDocument();
});

test("a stream in the trash says so and can be restored", async () => {
  const restore = `/api/v2/filesystem/resources/${RID}/restore`;
  const { server } = serverWithStream({ trashStatus: "DIRECTLY_TRASHED" });
  server.on("POST", restore);
  const { user } = await renderAt(PATH, server);

  await user.click(screen.getByRole("button", { name: "Restore" }));

  expect(server.calls("POST", restore)).toHaveLength(1);
});

test("what has no streams is a dataset of files, and what cannot be seen is not found", async () => {
  const { server } = serverWithStream();
  server
    .on("GET", `${STREAM}/description`, refusal(404, "StreamNotFound", "no such stream"))
    .on("GET", `/api/v2/filesystem/resources/${RID}`, refusal(404, "ResourceNotFound", "no"))
    .on("GET", `/api/v1/datasets/${RID}/description`, refusal(404, "DatasetNotFound", "no"));
  const { router } = await renderAt(PATH, server);

  expect(await screen.findByText("Not found")).toBeVisible();
  expect(router.state.location.pathname).toBe(`/datasets/${RID}`);
});
