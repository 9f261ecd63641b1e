import { screen, within } from "@testing-library/react";
import { beforeEach, expect, test } from "vitest";
import { refusal } from "@/testing/fake-server";
import { renderAt } from "@/testing/render";
import { RETENTION, RID, STREAM, serverWithStream } from "./fixtures";
import type { ProofProblem, VerifiedPart } from "./proof";

const VERIFY = `${STREAM}/verify`;
const PATH = `/streams/${RID}?tab=details`;

beforeEach(() => window.localStorage.clear());

/** What one part found of two partitions. */
function part(
  verified: [number, number],
  compared: [number, number],
  rest: Partial<VerifiedPart> = {},
): VerifiedPart {
  const partitions = [0, 1].map((at) => ({
    partitionId: `${at}`,
    verifiedRecords: verified[at as 0 | 1],
    comparedRecords: compared[at as 0 | 1],
    unprovenRecords: 0,
    waitingRecords: at,
  }));
  return {
    partitions,
    verifiedRecords: verified[0] + verified[1],
    comparedRecords: compared[0] + compared[1],
    unprovenRecords: 0,
    waitingRecords: 1,
    totalRecords: 3_000,
    ...rest,
  };
}

const BROKEN: ProofProblem = {
  kind: "RECORDS_MISSING",
  partitionId: "1",
  startOffset: 500,
  endOffset: 1_500,
  description: "999 rows of 1000 records",
  transactionRid: "ri.foundry.main.transaction.t7",
};

async function card() {
  return within(await screen.findByRole("region", { name: "Proof of completeness" }));
}

test("parts are verified one after the other, and what they proved is said and kept", async () => {
  const { server } = serverWithStream();
  let answerLast = (_: VerifiedPart) => {};
  const last = new Promise<VerifiedPart>((resolve) => {
    answerLast = resolve;
  });
  server.on("POST", VERIFY, (_: Request, body: { pageToken?: string }) =>
    body.pageToken === undefined ? part([0, 0], [600, 400], { nextPageToken: "next" }) : last,
  );
  const { user } = await renderAt(PATH, server);
  const shown = await card();
  expect(shown.getByText(/^Not verified in this browser yet/)).toBeVisible();

  await user.click(shown.getByRole("button", { name: "Verify now" }));
  expect(await shown.findByText(/^1,000 of 3,000 records read/)).toBeVisible();
  expect(shown.getByRole("progressbar", { name: "Verified so far" })).toBeVisible();
  answerLast(part([1_200, 800], [0, 0]));

  expect(await shown.findByRole("button", { name: "Verify again" })).toBeVisible();
  expect(shown.getByRole("status")).toHaveTextContent(
    /2,000 rows of the table were read back.*1,000 records that the log still has are the same.*1 record was not in the table yet/,
  );
  const rows = within(shown.getByRole("table", { name: "Proof by partition" })).getAllByRole("row");
  expect(rows[1]).toHaveTextContent("0equal1,20060000");
  expect(rows[2]).toHaveTextContent("1equal80040001");
  expect(server.calls("POST", VERIFY)).toEqual([{}, { pageToken: "next" }]);
});

test("what was proven is still said when the page is opened again", async () => {
  const { server } = serverWithStream();
  server.on("POST", VERIFY, part([2, 1], [0, 0]));
  const { user } = await renderAt(PATH, server);
  await user.click((await card()).getByRole("button", { name: "Verify now" }));
  await (await card()).findByText(/3 rows of the table were read back/);

  await user.click(screen.getByRole("tab", { name: "Preview" }));
  await user.click(screen.getByRole("tab", { name: "Details" }));

  const shown = await card();
  expect(shown.getByText(/3 rows of the table were read back/)).toBeVisible();
  expect(shown.getByRole("button", { name: "Verify again" })).toBeVisible();
  expect(server.calls("POST", VERIFY)).toHaveLength(1);
});

test("what differs is named with its partition and offsets", async () => {
  const { server } = serverWithStream();
  server.on("POST", VERIFY, part([1_500, 0], [0, 0], { problems: [BROKEN] }));
  const { user } = await renderAt(PATH, server);
  const shown = await card();
  await user.click(shown.getByRole("button", { name: "Verify now" }));

  const differing = within(await shown.findByRole("table", { name: "What differs" }));
  expect(differing.getAllByRole("row")[1]).toHaveTextContent(
    "1500 to 1,499Records are missing: 999 rows of 1000 recordsri.foundry.main.transaction.t7",
  );
  const rows = within(shown.getByRole("table", { name: "Proof by partition" })).getAllByRole("row");
  expect(rows[1]).toHaveTextContent("equal");
  expect(rows[2]).toHaveTextContent("differ");
  expect(shown.getByRole("status")).toHaveTextContent(/^Differs/);
});

test("of many problems the first are named and the others counted", async () => {
  const { server } = serverWithStream();
  const problems = Array.from({ length: 25 }, () => BROKEN);
  server.on("POST", VERIFY, part([0, 0], [0, 0], { problems }));
  const { user } = await renderAt(PATH, server);
  const shown = await card();
  await user.click(shown.getByRole("button", { name: "Verify now" }));

  expect(await shown.findByText("And 5 more.")).toBeVisible();
  expect(shown.getByRole("status")).toHaveTextContent("25 ranges of offsets are not in the table");
});

test("it waits while the server verifies something else, and can be stopped", async () => {
  const { server } = serverWithStream();
  server.on("POST", VERIFY, refusal(503, "Default:Overloaded"));
  const { user } = await renderAt(PATH, server);
  const shown = await card();
  await user.click(shown.getByRole("button", { name: "Verify now" }));
  expect(await shown.findByText(/^The server verifies something else/)).toBeVisible();

  await user.click(shown.getByRole("button", { name: "Stop" }));

  expect(shown.getByText(/^Not verified in this browser yet/)).toBeVisible();
  expect(shown.getByRole("button", { name: "Verify now" })).toBeVisible();
});

test("why it could not be verified is said", async () => {
  const { server } = serverWithStream();
  server.on("POST", VERIFY, refusal(503, "ArchiveUnavailable", "the archive cannot be read now"));
  const { user } = await renderAt(PATH, server);
  const shown = await card();
  await user.click(shown.getByRole("button", { name: "Verify now" }));
  expect(await shown.findByRole("alert")).toHaveTextContent("The archive cannot be read now.");

  server.on("POST", VERIFY, refusal(403, "VerifyStreamPermissionDenied"));
  await user.click(shown.getByRole("button", { name: "Verify now" }));
  expect(await shown.findByText(/^Only those with the role Viewer/)).toBeVisible();
});

test.each([
  [{}, /there is no table to verify, the records are in the log only/, undefined],
  [{ "0": 7 }, /the table has what came before that/, /1 record was in the log only, since the ar/],
])("where the archive is off that is said: %o", async (archivedThrough, why, result) => {
  const { server } = serverWithStream({ archivedThrough });
  server.on("GET", `${STREAM}/retention`, { ...RETENTION, isArchived: false });
  server.on("POST", VERIFY, part([2, 1], [0, 0]));
  const { user } = await renderAt(PATH, server);
  const shown = await card();

  expect(await shown.findByText(why)).toBeVisible();
  const verify = shown.queryByRole("button", { name: "Verify now" });
  if (result === undefined) {
    expect(verify).not.toBeInTheDocument();
    expect(screen.getByText(/so there is no table that other programs could read/)).toBeVisible();
  } else {
    await user.click(verify as HTMLElement);
    expect(await shown.findByText(result)).toBeVisible();
  }
});

test("a stream without records has nothing to prove", async () => {
  const { server } = serverWithStream();
  server.on("POST", VERIFY, { ...part([0, 0], [0, 0]), totalRecords: 0 });
  const { user } = await renderAt(PATH, server);
  const shown = await card();
  await user.click(shown.getByRole("button", { name: "Verify now" }));

  expect(await shown.findByText("Nothing to prove")).toBeVisible();
});
