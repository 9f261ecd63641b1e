import { screen, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { refusal } from "@/testing/fake-server";
import { renderAt } from "@/testing/render";
import { ROWS_MAX } from "./archive-query";
import { DESCRIPTION, RID, serverWithStream } from "./fixtures";

const EXECUTE = "/api/v2/sqlQueries/execute";
const TABLE = '"/Main/Factory/Furnace"';
const COLUMNS = [
  { name: "sensor_id", type: "string" },
  { name: "_offset", type: "int64" },
];

async function openArchive(
  rows: unknown[][],
  address = "",
  described: Parameters<typeof serverWithStream>[0] = {},
) {
  const { server } = serverWithStream(described);
  server.on("POST", EXECUTE, { type: "running", queryId: "q" }).on("GET", "/api/v1/sqlQueries/q", {
    queryId: "q",
    rowsCount: rows.length,
    resultBytes: 10,
    seconds: 0.5,
    inputs: [RID],
    result: { columns: COLUMNS, rows },
  });
  const page = await renderAt(`/streams/${RID}?tab=archive${address}`, server);
  return { ...page, server };
}

test("a head sorts by its column: rising, falling, and as they come", async () => {
  const { server, user } = await openArchive([["s", 0]]);
  const head = await screen.findByRole("columnheader", { name: /^_offset/ });

  for (const expected of ["ascending", "descending", "none"]) {
    await user.click(
      within(screen.getByRole("columnheader", { name: /^_offset/ })).getByText("_offset"),
    );
    await expect
      .poll(() => screen.getByRole("columnheader", { name: /^_offset/ }))
      .toHaveAttribute("aria-sort", expected);
  }

  expect(head).toBeDefined();
  expect(server.calls("POST", EXECUTE)).toEqual([
    { query: `SELECT * FROM ${TABLE} LIMIT ${ROWS_MAX}` },
    { query: `SELECT * FROM ${TABLE} ORDER BY "_offset" ASC NULLS LAST LIMIT ${ROWS_MAX}` },
    { query: `SELECT * FROM ${TABLE} ORDER BY "_offset" DESC NULLS LAST LIMIT ${ROWS_MAX}` },
  ]);
});

test("a stream of changes is shown as its current state, and with all changes", async () => {
  const { fields } = DESCRIPTION.schema;
  const changeDataCapture = {
    type: "fullRow",
    orderingFieldName: "temperature",
    deletionFieldName: "gone",
  } as const;
  const { server, user, router } = await openArchive([["s", 0]], "&sort=sensor_id.asc", {
    schema: { fields, changeDataCapture },
  });
  expect(await screen.findByRole("radio", { name: "Current state" })).toBeChecked();

  await user.click(screen.getByRole("radio", { name: "Changelog" }));

  await expect
    .poll(() => server.calls("POST", EXECUTE).at(-1))
    .toEqual({
      query: `SELECT * FROM "/Main/Factory/Furnace/changelog" ORDER BY "sensor_id" ASC NULLS LAST LIMIT ${ROWS_MAX}`,
    });
  expect(router.state.location.search).toMatchObject({
    rows: "changelog",
    sort: "sensor_id.asc",
  });
  expect(await screen.findByText(/^1 record, as they were at/)).toBeVisible();
});

test("a filter is added and taken away", async () => {
  const { server, user } = await openArchive([["s", 0]]);
  await screen.findByRole("table", { name: "Archive" });

  await user.selectOptions(screen.getByRole("combobox", { name: "Column" }), "sensor_id");
  await user.type(screen.getByRole("textbox", { name: "Value" }), "line-1{Enter}");
  const remove = await screen.findByRole("button", {
    name: "Remove the filter sensor_id = line-1",
  });
  expect(server.calls("POST", EXECUTE).at(-1)).toEqual({
    query: `SELECT * FROM ${TABLE} WHERE "sensor_id" = 'line-1' LIMIT ${ROWS_MAX}`,
  });
  await user.click(remove);

  expect(screen.queryByRole("button", { name: /^Remove the filter/ })).not.toBeInTheDocument();
});

test("what the server says of a filter is said", async () => {
  const { server, user } = await openArchive([["s", 0]]);
  await screen.findByRole("table", { name: "Archive" });
  server.on("POST", EXECUTE, refusal(400, "QueryParseError", "could not convert string 'x'"));

  await user.type(screen.getByRole("textbox", { name: "Value" }), "x{Enter}");

  expect(await screen.findByRole("alert")).toHaveTextContent("Could not convert string 'x'.");
  expect(screen.getByRole("button", { name: /^Remove the filter/ })).toBeVisible();
});

test("an empty stream says so", async () => {
  await openArchive([]);

  expect(await screen.findByText("None were pushed yet.")).toBeVisible();
});

const FILTER = encodeURIComponent('[["sensor_id","contains","line"]]');
const SORTED = `SELECT * FROM ${TABLE} WHERE contains(lower(CAST("sensor_id" AS VARCHAR)), lower('line')) ORDER BY "_offset" DESC NULLS LAST LIMIT ${ROWS_MAX}`;

test("a link has the filter and the order, and another tab keeps them", async () => {
  const { server, user, router } = await openArchive(
    [["line-1", 0]],
    `&sort=_offset.desc&filter=${FILTER}`,
  );
  expect(await screen.findByRole("columnheader", { name: /^_offset/ })).toHaveAttribute(
    "aria-sort",
    "descending",
  );
  expect(server.calls("POST", EXECUTE)).toEqual([{ query: SORTED }]);

  await user.click(screen.getByRole("radio", { name: "Live" }));
  await user.click(screen.getByRole("radio", { name: "Archive" }));

  expect(
    await screen.findByRole("button", { name: "Remove the filter sensor_id contains line" }),
  ).toBeVisible();
  expect(router.state.location.search).toMatchObject({ sort: "_offset.desc" });
});

test("the browser goes back to the view before", async () => {
  const { user, router } = await openArchive([["s", 0]]);
  const head = () => screen.getByRole("columnheader", { name: /^_offset/ });
  await screen.findByRole("table", { name: "Archive" });
  await user.click(within(head()).getByText("_offset"));
  await expect.poll(head).toHaveAttribute("aria-sort", "ascending");
  expect(router.state.location.search).toEqual({ tab: "archive", sort: "_offset.asc" });

  router.history.back();

  await expect.poll(head).toHaveAttribute("aria-sort", "none");
});

test("a link that cannot be read does not pass for all records", async () => {
  const { server, user } = await openArchive([["s", 0]], "&filter=nonsense");
  expect(await screen.findByText("This link cannot be read")).toBeVisible();
  expect(server.calls("POST", EXECUTE)).toEqual([]);

  await user.click(screen.getByRole("button", { name: "Show all records" }));

  expect(await screen.findByRole("table", { name: "Archive" })).toBeVisible();
});

test("an order by what the stream does not have is taken away", async () => {
  const { server, user } = await openArchive([["s", 0]], "&sort=nothing.asc");
  await screen.findByRole("table", { name: "Archive" });
  server.on("POST", EXECUTE, refusal(400, "QueryParseError", "no column nothing"));
  await user.click(screen.getByRole("button", { name: "Refresh" }));
  expect(await screen.findByRole("alert")).toHaveTextContent("No column nothing.");

  await user.click(screen.getByRole("button", { name: "Do not sort" }));

  expect(server.calls("POST", EXECUTE).at(-1)).toEqual({
    query: `SELECT * FROM ${TABLE} LIMIT ${ROWS_MAX}`,
  });
});

test("a link that the server refuses can still be mended", async () => {
  const { server } = serverWithStream();
  server.on("POST", EXECUTE, refusal(400, "QueryParseError", "no column nothing"));
  await renderAt(`/streams/${RID}?tab=archive&sort=nothing.asc`, server);
  expect(await screen.findByRole("alert")).toHaveTextContent("No column nothing.");

  expect(
    within(screen.getByRole("combobox", { name: "Column" })).getByRole("option", {
      name: "temperature",
    }),
  ).toBeInTheDocument();
  expect(screen.getByRole("button", { name: "Do not sort" })).toBeVisible();
});
