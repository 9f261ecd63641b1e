import { screen, waitFor, within } from "@testing-library/react";
import { beforeEach, expect, test } from "vitest";
import { FakeServer, refusal, SESSION } from "@/testing/fake-server";
import { renderAt } from "@/testing/render";

const ID = "11111111-2222-4333-8444-555555555555";
const EXECUTE = "/api/v2/sqlQueries/execute";
const RESULT = `/api/v1/sqlQueries/${ID}`;
const CANCEL = `/api/v2/sqlQueries/${ID}/cancel`;
const RID = "ri.foundry.main.dataset.d1";
const FOUND = {
  queryId: ID,
  rowsCount: 1_200,
  resultBytes: 4_000,
  seconds: 0.52,
  inputs: [RID],
  result: {
    columns: [
      { name: "sensor", type: "string" },
      { name: "n", type: "int64" },
    ],
    rows: [
      ["line-1", "9007199254740993"],
      [null, 2],
    ],
  },
};

function server(): FakeServer {
  return new FakeServer()
    .signedIn()
    .on("GET", "/api/v1/sqlTables", {
      data: [
        {
          datasetRid: RID,
          name: "Furnace",
          path: "/Main/Factory/Furnace",
          hasChangelog: false,
        },
        {
          datasetRid: "ri.foundry.main.dataset.d2",
          name: "Prices",
          path: "/Main/Factory/Prices",
          hasChangelog: true,
        },
      ],
      isComplete: true,
    })
    .on("GET", `/api/v2/streams/datasets/${RID}/streams/master`, {
      schema: { fields: [{ name: "Sensor id", schema: { dataType: { type: "string" } } }] },
    })
    .on("POST", EXECUTE, { type: "running", queryId: ID })
    .on("GET", RESULT, FOUND);
}

async function open(fake: FakeServer, query = "SELECT 1") {
  const page = await renderAt(`/sql?q=${encodeURIComponent(query)}`, fake);
  const editor = await screen.findByRole("textbox", { name: "Query" });
  return { ...page, editor };
}

beforeEach(() => window.localStorage.clear());

test("a query of the link is run when one says so, and its rows keep every digit", async () => {
  const fake = server();
  const { user, editor } = await open(fake, "SELECT sensor, n FROM x");
  expect(editor).toHaveTextContent("SELECT sensor, n FROM x");
  expect(fake.calls("POST", EXECUTE)).toEqual([]);

  await user.click(screen.getByRole("button", { name: "Run" }));

  const table = within(await screen.findByRole("table", { name: "Rows" }));
  expect(table.getByRole("cell", { name: "9007199254740993" })).toBeVisible();
  expect(table.getByRole("cell", { name: "null" })).toBeVisible();
  expect(screen.getByText("1,200 rows in 0.5 s, 4.0 kB")).toBeVisible();
  expect(screen.getByText(/The first 2 rows are shown/)).toBeVisible();
  expect(fake.calls("POST", EXECUTE)).toEqual([{ query: "SELECT sensor, n FROM x" }]);
  const link = screen.getByRole("link", { name: "Parquet" });
  expect(link).toHaveAttribute("href", `${RESULT}/download?format=parquet`);
});

test("a row opens with all of it", async () => {
  const { user } = await open(server());
  await user.click(screen.getByRole("button", { name: "Run" }));

  await user.click(await screen.findByRole("button", { name: "Open row 2" }));

  const dialog = within(await screen.findByRole("dialog", { name: "Row 2" }));
  expect(dialog.getByRole("region", { name: "JSON" })).toHaveTextContent('"sensor": null');
});

test("a query runs with the keyboard, and stands in the address and among the last ones", async () => {
  const { user, editor, router } = await open(server(), "SELECT 7");

  editor.focus();
  await user.keyboard("{Control>}{Enter}{/Control}");
  await screen.findByRole("table", { name: "Rows" });

  expect(router.state.location.search).toEqual({ q: "SELECT 7" });
  await user.click(screen.getByRole("button", { name: "Last queries" }));
  expect(await screen.findByRole("menuitem", { name: "SELECT 7" })).toBeVisible();
});

test("names of streams and fields are put into the query", async () => {
  const { user, editor } = await open(server(), "");

  await user.click(await screen.findByRole("button", { name: /^Insert ?Furnace/ }));
  await user.click(screen.getByRole("button", { name: "Fields of Furnace" }));
  await user.click(await screen.findByRole("button", { name: /^Insert ?Sensor id/ }));

  await expect.poll(() => editor.textContent).toBe('"/Main/Factory/Furnace""Sensor id"');
});

test("a stream of changes is offered as its current state and with all changes", async () => {
  const { user, editor } = await open(server(), "");
  const list = within(await screen.findByRole("region", { name: "Streams" }));
  await list.findByRole("button", { name: /^Insert ?Furnace/ });
  expect(list.queryByRole("button", { name: /Furnace.changelog/ })).not.toBeInTheDocument();

  await user.click(list.getByRole("button", { name: /^Insert ?Prices ?current state$/ }));
  await user.click(list.getByRole("button", { name: /^Insert ?Prices.changelog ?all changes$/ }));

  await expect
    .poll(() => editor.textContent)
    .toBe('"/Main/Factory/Prices""/Main/Factory/Prices/changelog"');
});

test("what is wrong with a query is said, and marked where the server saw it", async () => {
  const error = refusal(400, "QueryParseError", 'syntax error at or near "SELEC"', { position: 3 });
  const { user, editor } = await open(server().on("POST", EXECUTE, error), "é SELEC 1");

  await user.click(screen.getByRole("button", { name: "Run" }));

  expect(await screen.findByRole("alert")).toHaveTextContent("near “SELEC”".replace(/[“”]/g, '"'));
  await waitFor(() =>
    expect(editor.querySelector(".cm-lintRange-error")).toHaveTextContent(/^SELEC$/),
  );
  expect(editor).toHaveAttribute("aria-invalid", "true");
});

test("the place that DuckDB marks stands below its column, apart from what is wrong", async () => {
  const lines = "LINE 2: FROM nothing\n             ^";
  const says = 'Catalog Error: no table "nothing"\nDid you mean "everything"?';
  const error = refusal(400, "QueryParseError", `${says}\n\n${lines}`);
  const { user } = await open(server().on("POST", EXECUTE, error), "SELECT 1\nFROM nothing");

  await user.click(screen.getByRole("button", { name: "Run" }));

  const alert = within(await screen.findByRole("alert"));
  expect(alert.getByText('Catalog Error: no table "nothing"')).toBeVisible();
  const details = within(alert.getByRole("region", { name: "Details" }));
  expect(details.getByText('Did you mean "everything"?')).toBeVisible();
  const marked = within(alert.getByRole("region", { name: "Where in the query" }));
  expect(marked.getByText(/^LINE 2/).textContent).toBe(lines);
});

test("a query that runs for long is asked for again, and is canceled", async () => {
  let asked = 0;
  let isCanceled = false;
  const fake = server()
    .on("GET", RESULT, async () => {
      asked += 1;
      if (asked === 1) return refusal(400, "QueryRunning");
      while (!isCanceled) await new Promise((done) => setTimeout(done, 5));
      return refusal(400, "QueryCanceled");
    })
    .on("POST", CANCEL, () => {
      isCanceled = true;
    });
  const { user } = await open(fake);
  await user.click(screen.getByRole("button", { name: "Run" }));
  expect(await screen.findByRole("progressbar", { name: "The query runs" })).toBeVisible();

  await user.click(screen.getByRole("button", { name: "Cancel" }));

  expect(await screen.findByText("The query was canceled")).toBeVisible();
  expect(asked).toBe(2);
  expect(fake.calls("POST", CANCEL)).toHaveLength(1);
});

test("leaving the page cancels the query", async () => {
  let isCanceled = false;
  const fake = server()
    .on("GET", "/api/v2/filesystem/spaces", { data: [] })
    .on("GET", RESULT, () => new Promise(() => {}))
    .on("POST", CANCEL, () => {
      isCanceled = true;
    });
  const { user } = await open(fake);
  await user.click(screen.getByRole("button", { name: "Run" }));
  await screen.findByRole("progressbar", { name: "The query runs" });

  await user.click(screen.getAllByRole("link", { name: "Projects" })[0] as HTMLElement);

  await waitFor(() => expect(isCanceled).toBe(true));
});

test("the last queries are each user's own", async () => {
  window.localStorage.setItem(`sluiceway.queries.${SESSION.user.id}`, '["SELECT mine"]');
  window.localStorage.setItem("sluiceway.queries.other", '["SELECT other"]');
  const { user, editor } = await open(server(), "");

  await user.click(screen.getByRole("button", { name: "Last queries" }));
  expect(await screen.findAllByRole("menuitem")).toHaveLength(1);
  await user.click(screen.getByRole("menuitem", { name: "SELECT mine" }));

  await expect.poll(() => editor.textContent).toBe("SELECT mine");
});
