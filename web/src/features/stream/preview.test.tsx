import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { renderAt } from "@/testing/render";
import { RID, serverWithStream } from "./fixtures";

const PATH = `/streams/${RID}`;

async function watch() {
  const { server, live } = serverWithStream();
  const page = await renderAt(PATH, server);
  await screen.findByText("Waiting for records");
  return { ...page, live, server };
}

test("records appear by themselves, the newest first", async () => {
  const { live } = await watch();

  live.record(0, { sensor_id: "first", temperature: 1.5 });
  live.record(1, { sensor_id: "second", temperature: null });

  const table = screen.getByRole("table", { name: "Records" });
  await within(table).findByText("second");
  const [, newest, older] = within(table).getAllByRole("row");
  expect(newest).toHaveTextContent("second");
  expect(older).toHaveTextContent("first");
});

test("what is left out is said", async () => {
  const { live } = await watch();

  live.record(1_500, { sensor_id: "a" }, 1_234);

  expect(await screen.findByText(/sampled: 1,234 records not shown/)).toBeVisible();
});

test("a lost connection is said, and taken up where it was lost", async () => {
  const { live } = await watch();
  live.record(7, { sensor_id: "before" });
  await screen.findByText("before");

  live.break();

  await screen.findByText("Connection lost, reconnecting…");
  await screen.findByText("Live", { selector: "[role=status]" });
  expect(live.requests.at(-1)?.headers.get("Last-Event-ID")).toBe("7");
  live.record(8, { sensor_id: "after" });
  await screen.findByText("after");
  expect(screen.getByText("before")).toBeVisible();
});

test("a reset empties the table and is said", async () => {
  const { live } = await watch();
  live.record(7, { sensor_id: "gone" });
  await screen.findByText("gone");

  live.send("reset", { viewRid: "v2", partitionsCount: 1, recordsPerSecondMax: 200 }, "r");

  await screen.findByText(/The stream was reset while you watched/);
  expect(screen.queryByText("gone")).not.toBeInTheDocument();
});

test("a stream that is deleted is not asked for again", async () => {
  const { live } = await watch();

  live.end("streamDeleted", {
    errorCode: "NOT_FOUND",
    errorName: "StreamNotFound",
    errorInstanceId: "",
    errorDescription: "the stream was deleted",
    parameters: {},
  });

  expect(await screen.findByRole("alert")).toHaveTextContent("The stream was deleted.");
  expect(live.requests).toHaveLength(1);
});

test("when the server stops, it goes on behind the last event", async () => {
  const { live } = await watch();
  live.record(7, { sensor_id: "kept" });
  await screen.findByText("kept");

  live.end("serverStopping", null);
  live.break();

  await waitFor(() => expect(live.requests).toHaveLength(2));
  expect(live.requests[1]?.headers.get("Last-Event-ID")).toBe("7");
  expect(screen.getByText("kept")).toBeVisible();
});

test("an id that the server does not know is forgotten", async () => {
  const { live } = await watch();
  live.record(7, { sensor_id: "of another time" });
  await screen.findByText("of another time");
  live.refuseNext("InvalidLastEventId");

  live.break();

  await waitFor(() => expect(live.requests).toHaveLength(3));
  expect(live.requests[2]?.headers.has("Last-Event-ID")).toBe(false);
  expect(screen.queryByText("of another time")).not.toBeInTheDocument();
});

test("paused, nothing new comes; going on, it does", async () => {
  const { live, user } = await watch();
  live.record(0, { sensor_id: "kept" });
  await screen.findByText("kept");

  await user.click(screen.getByRole("switch", { name: "Live updates" }));
  await screen.findByText("Paused");
  expect(live.requests[0]?.signal.aborted).toBe(true);
  await user.click(screen.getByRole("switch", { name: "Live updates" }));

  await waitFor(() => expect(live.requests).toHaveLength(2));
  live.record(1, { sensor_id: "next" });
  await screen.findByText("next");
  expect(screen.getByText("kept")).toBeVisible();
});

test("a record opens with all of it", async () => {
  const { live, user } = await watch();
  live.record(42, { sensor_id: "s", temperature: 4.132 });

  await user.click(await screen.findByRole("button", { name: "Open record 42 of partition 0" }));

  const dialog = within(await screen.findByRole("dialog"));
  expect(dialog.getByRole("region", { name: "Raw JSON" })).toHaveTextContent(
    '"temperature": 4.132',
  );
});
