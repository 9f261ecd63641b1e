import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { refusal } from "@/testing/fake-server";
import { renderAt } from "@/testing/render";
import { RID, STREAM, serverWithStream } from "./fixtures";
import type { DeadLetter } from "./wire";

const PATH = `/streams/${RID}?tab=dead-letters`;
const LETTERS = `${STREAM}/dead-letters`;

function letter(letterId: string, part: Partial<DeadLetter> = {}): DeadLetter {
  return {
    letterId,
    time: "2026-11-23T20:00:00.000Z",
    principalId: "u1",
    username: "gateway",
    viewRid: "v1",
    index: 4,
    path: "temperature",
    expected: "double",
    found: '"warm"',
    reason: "WRONG_TYPE",
    value: '{"sensor_id":"a","temperature":"warm"}',
    ...part,
  };
}

test("letters are listed with what is wrong, and counted at the tab", async () => {
  const { server } = serverWithStream();
  server.on("GET", LETTERS, { data: [letter("0"), letter("7", { path: "" })], openCount: 2 });
  await renderAt(PATH, server);

  const table = within(await screen.findByRole("table", { name: "Dead letters" }));
  expect(table.getByRole("button", { name: /open dead letter 0/ })).toHaveTextContent(
    "temperature",
  );
  expect(table.getByRole("button", { name: /open dead letter 7/ })).toHaveTextContent("The record");
  expect(table.getAllByText('"warm"')).toHaveLength(2);
  expect(screen.getByRole("tab", { name: /Dead letters/ })).toHaveTextContent("2");
});

test("without letters it says how they come about", async () => {
  const { server } = serverWithStream();
  await renderAt(PATH, server);

  expect(await screen.findByText("No dead letters")).toBeVisible();
});

test("who may only look is not offered them", async () => {
  const { server } = serverWithStream({ role: "viewer" });
  await renderAt(PATH, server);

  expect(await screen.findByRole("tab", { name: "Preview", selected: true })).toBeVisible();
  expect(screen.queryByRole("tab", { name: /Dead letters/ })).not.toBeInTheDocument();
  expect(server.calls("GET", LETTERS)).toHaveLength(0);
});

test("a letter is replayed with the record to its last digit", async () => {
  const replay = `${LETTERS}/0/replay`;
  const value = '{"sensor_id":"a","temperature":9007199254740993}';
  const { server } = serverWithStream();
  server.on("GET", LETTERS, { data: [letter("0", { value })], openCount: 1 });
  const bodies: string[] = [];
  server.on("POST", replay, async (request: Request) => {
    bodies.push(await request.text());
    return { letterId: "0", partition: 0, offset: 12 };
  });
  const { user } = await renderAt(PATH, server);

  await user.click(await screen.findByRole("button", { name: /open dead letter 0/ }));
  const panel = within(await screen.findByRole("dialog", { name: "Dead letter 0" }));
  await user.click(panel.getByRole("button", { name: "Replay" }));

  expect(await screen.findByText("Stored at offset 12 of partition 0.")).toBeVisible();
  expect(bodies[0]).toContain("9007199254740993");
  await waitFor(() => expect(screen.queryByRole("dialog")).not.toBeInTheDocument());
});

test("a record that still does not fit says so and stays open", async () => {
  const { server } = serverWithStream();
  server
    .on("GET", LETTERS, { data: [letter("0")], openCount: 1 })
    .on(
      "POST",
      `${LETTERS}/0/replay`,
      refusal(400, "RecordDoesNotMatchStreamSchema", "record 0, field 'temperature': no number"),
    );
  const { user } = await renderAt(PATH, server);

  await user.click(await screen.findByRole("button", { name: /open dead letter 0/ }));
  const panel = within(await screen.findByRole("dialog", { name: "Dead letter 0" }));
  await user.click(panel.getByRole("button", { name: "Replay" }));

  expect(await panel.findByRole("alert")).toHaveTextContent("field 'temperature': no number");
});

test("what is no JSON cannot be replayed", async () => {
  const { server } = serverWithStream();
  server.on("GET", LETTERS, { data: [letter("0", { value: '{"sensor_id": ' })], openCount: 1 });
  const { user } = await renderAt(PATH, server);

  await user.click(await screen.findByRole("button", { name: /open dead letter 0/ }));
  const panel = within(await screen.findByRole("dialog", { name: "Dead letter 0" }));

  expect(panel.getByText(/This is not JSON/)).toBeVisible();
  expect(panel.getByRole("button", { name: "Replay" })).toBeDisabled();
});

test("chosen letters are replayed together, and it says what became of them", async () => {
  const { server } = serverWithStream();
  server
    .on("GET", LETTERS, { data: [letter("0"), letter("1"), letter("2")], openCount: 3 })
    .on("POST", `${LETTERS}/replay`, {
      results: [
        { letterId: "0", outcome: "REPLAYED", partition: 0, offset: 1 },
        { letterId: "1", outcome: "INVALID" },
      ],
    });
  const { user } = await renderAt(PATH, server);

  await user.click(await screen.findByRole("checkbox", { name: "Choose all" }));
  await user.click(screen.getByRole("checkbox", { name: "Choose dead letter 2" }));
  expect(screen.getByText("2 dead letters chosen")).toBeVisible();
  await user.click(screen.getByRole("button", { name: "Replay" }));

  expect(await screen.findByText("1 replayed, 1 still not fitting the schema.")).toBeVisible();
  expect(server.calls("POST", `${LETTERS}/replay`)).toEqual([{ letterIds: ["0", "1"] }]);
});

test("letters are discarded only after one was asked", async () => {
  const { server } = serverWithStream();
  server
    .on("GET", LETTERS, { data: [letter("0")], openCount: 1 })
    .on("POST", `${LETTERS}/discard`, { results: [{ letterId: "0", outcome: "DISCARDED" }] });
  const { user } = await renderAt(PATH, server);

  await user.click(await screen.findByRole("checkbox", { name: "Choose dead letter 0" }));
  await user.click(screen.getByRole("button", { name: "Discard" }));
  const dialog = within(await screen.findByRole("dialog", { name: "Discard 1 dead letter?" }));
  expect(server.calls("POST", `${LETTERS}/discard`)).toHaveLength(0);
  await user.click(dialog.getByRole("button", { name: "Discard" }));

  expect(await screen.findByText("1 discarded.")).toBeVisible();
});
