import { screen, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { refusal } from "@/testing/fake-server";
import { renderAt } from "@/testing/render";
import { RETENTION, RID, STREAM, serverWithStream } from "./fixtures";
import { draftOf, formatSpan, policyOf, type RetentionPreview } from "./retention";

const PATH = `/streams/${RID}?tab=details`;
const RETAINED = `${STREAM}/retention`;
const HOLD = {
  reason: "Case 7 of the court",
  setBy: "u1",
  setByName: "ada",
  setTime: "2026-11-23T20:00:00.000Z",
};

function preview(records: number): RetentionPreview {
  return {
    deleted: {
      records,
      bytes: 4_200,
      files: 2,
      oldestTime: "2026-11-01T08:00:00.000Z",
      newestTime: "2026-11-02T08:00:00.000Z",
      partitions: records === 0 ? {} : { 0: { startOffset: 0, endOffset: records, records } },
    },
    trimmed: { records: 30, bytes: 900, partitions: {} },
    legalHold: null,
  };
}

async function card() {
  const found = within(await screen.findByRole("region", { name: "Retention" }));
  await found.findByText("In the log (hot)");
  return found;
}

test("what is set is said in words", async () => {
  const { server } = serverWithStream();
  const set = { hotSeconds: 5_400, hotBytes: 2_000_000_000, coldSeconds: 2_592_000 };
  server.on("GET", RETAINED, {
    ...RETENTION,
    ...set,
    legalHold: HOLD,
    startOffsets: { 0: 0, 1: 1_200 },
  });
  await renderAt(PATH, server);
  const shown = await card();

  expect(shown.getByText("90 minutes, and at most 2.0 GB")).toBeVisible();
  expect(shown.getByText("30 days, then deleted for ever")).toBeVisible();
  expect(shown.getByText("partition 1 at offset 1,200")).toBeVisible();
  expect(shown.getByText("Case 7 of the court")).toBeVisible();
});

test("a policy that deletes is saved only after what goes was said and the name was typed", async () => {
  const { server } = serverWithStream();
  server.on("POST", `${RETAINED}/preview`, preview(120)).on("PUT", RETAINED, RETENTION);
  const { user } = await renderAt(PATH, server);
  await user.click((await card()).getByRole("button", { name: "Edit retention" }));

  const form = within(await screen.findByRole("dialog", { name: "How long is Furnace kept?" }));
  await user.type(form.getByRole("textbox", { name: "Delete for ever after" }), "30");
  await user.click(form.getByRole("button", { name: "See what would go" }));
  const name = "Save the retention of Furnace?";
  const asked = within(await screen.findByRole("dialog", { name }));

  expect(asked.getByText(/deletes 120 records for ever, pushed .* in 2 files\.$/)).toBeVisible();
  expect(asked.getByRole("table", { name: "What would be deleted" })).toHaveTextContent("0 to 119");
  expect(asked.getByRole("button", { name: "Save" })).toBeDisabled();
  expect(server.calls("PUT", RETAINED)).toEqual([]);
  await user.type(asked.getByRole("textbox"), "Furnace");
  await user.click(asked.getByRole("button", { name: "Save" }));

  expect(await screen.findByText("The retention of Furnace is set.")).toBeVisible();
  const policy = { hotSeconds: null, hotBytes: null, coldSeconds: 2_592_000 };
  expect(server.calls("POST", `${RETAINED}/preview`)).toEqual([policy]);
  expect(server.calls("PUT", RETAINED)).toEqual([policy]);
});

test("who goes back finds what was filled in; one that deletes nothing needs no name", async () => {
  const { server } = serverWithStream();
  server.on("POST", `${RETAINED}/preview`, preview(0));
  const { user } = await renderAt(PATH, server);
  await user.click((await card()).getByRole("button", { name: "Edit retention" }));
  await user.type(await screen.findByRole("textbox", { name: "Keep in the log for" }), "2");
  await user.click(screen.getByRole("button", { name: "See what would go" }));
  const name = "Save the retention of Furnace?";
  const asked = within(await screen.findByRole("dialog", { name }));

  expect(asked.getByText("Applied now, it deletes nothing.")).toBeVisible();
  expect(asked.getByRole("button", { name: "Save" })).toBeEnabled();
  await user.click(asked.getByRole("button", { name: "Cancel" }));

  expect(await screen.findByRole("textbox", { name: "Keep in the log for" })).toHaveValue("2");
});

test("what is wrong with a value is said at its field", async () => {
  const { server } = serverWithStream();
  server.on(
    "POST",
    `${RETAINED}/preview`,
    refusal(400, "InvalidRetention", "hotBytes is 5", {
      field: "hotBytes",
      value: 5,
      valueMin: 1_048_576,
      valueMax: 1_000_000_000_000,
    }),
  );
  const { user } = await renderAt(PATH, server);
  await user.click((await card()).getByRole("button", { name: "Edit retention" }));
  const size = await screen.findByRole("textbox", { name: "Keep in the log at most" });

  await user.type(size, "some");
  await user.click(screen.getByRole("button", { name: "See what would go" }));
  expect(size).toHaveAccessibleDescription("Must be a number, or empty.");
  await user.clear(size);
  await user.type(size, "5");
  await user.selectOptions(
    screen.getByRole("combobox", { name: "Keep in the log at most, unit" }),
    "bytes",
  );
  await user.click(screen.getByRole("button", { name: "See what would go" }));

  await expect
    .poll(() => size)
    .toHaveAccessibleDescription("Must be 1.0 MB (1,048,576 bytes) to 1 TB, or empty.");
  expect(size).toBeInvalid();
  expect(server.calls("PUT", RETAINED)).toEqual([]);
});

test("a legal hold is set with its reason, and lifted", async () => {
  const { server } = serverWithStream();
  server.on("PUT", `${RETAINED}/legal-hold`, HOLD).on("DELETE", `${RETAINED}/legal-hold`);
  const { user } = await renderAt(PATH, server);
  await user.click((await card()).getByRole("button", { name: "Set legal hold" }));
  const form = within(await screen.findByRole("dialog", { name: "Keep all of Furnace?" }));
  expect(form.getByRole("button", { name: "Set legal hold" })).toBeDisabled();
  await user.type(form.getByRole("textbox", { name: "Reason of the legal hold" }), HOLD.reason);
  server.on("GET", RETAINED, { ...RETENTION, legalHold: HOLD });
  await user.click(form.getByRole("button", { name: "Set legal hold" }));

  expect(await screen.findByText("Nothing of Furnace is deleted any more.")).toBeVisible();
  expect(server.calls("PUT", `${RETAINED}/legal-hold`)).toEqual([{ reason: HOLD.reason }]);
  await user.click(await screen.findByRole("button", { name: "Lift legal hold" }));
  const name = "Lift the legal hold on Furnace?";
  const asked = within(await screen.findByRole("dialog", { name }));
  await user.click(asked.getByRole("button", { name: "Lift legal hold" }));

  expect(await screen.findByText("The legal hold on Furnace is lifted.")).toBeVisible();
  expect(server.calls("DELETE", `${RETAINED}/legal-hold`)).toHaveLength(1);
});

test.each([
  ["viewer", [], /^Only editors and owners of the stream change its retention/],
  ["editor", ["Edit retention"], /^Only owners of the stream set or lift a legal hold/],
])("a %s is offered what it may do, and told why not more", async (role, offered, reason) => {
  const { server } = serverWithStream({ role });
  await renderAt(PATH, server);
  const shown = await card();

  expect(shown.queryAllByRole("button").map((one) => one.textContent)).toEqual(offered);
  expect(shown.getByText(reason)).toBeVisible();
});

test("a form gives back what was set, in whole numbers", () => {
  for (const policy of [
    { hotSeconds: null, hotBytes: null, coldSeconds: null },
    { hotSeconds: 61, hotBytes: 1_048_576, coldSeconds: 86_400 },
    { hotSeconds: 7_200, hotBytes: 1_500_000_000, coldSeconds: 3_162_240_000 },
  ]) {
    expect(policyOf(draftOf(policy))).toEqual({ policy });
  }
});

test("what is no number is refused, and so is one that is too large", () => {
  const draft = draftOf({ hotSeconds: null, hotBytes: null, coldSeconds: null });
  const of = (text: string) => policyOf({ ...draft, coldSeconds: { text, unit: "hours" } });

  expect(of("1.5")).toEqual({ policy: expect.objectContaining({ coldSeconds: 5_400 }) });
  for (const text of ["-1", "1e3", "two", "1,5"]) {
    expect(of(text)).toEqual({ errors: { coldSeconds: "Must be a number, or empty." } });
  }
  expect(of("99999999999999")).toEqual({ errors: { coldSeconds: "Is too large." } });
  expect([1, 60, 5_400, 86_400, 2].map(formatSpan)).toEqual([
    "1 second",
    "1 minute",
    "90 minutes",
    "1 day",
    "2 seconds",
  ]);
});
