import { screen, within } from "@testing-library/react";
import { expect, test } from "vitest";
import type { Schema } from "@/lib/api";
import { refusal } from "@/testing/fake-server";
import { renderAt } from "@/testing/render";
import { RID, STREAM, serverWithStream } from "./fixtures";

const CHANGE = `${STREAM}/schema`;
const PATH = `/streams/${RID}?tab=details`;
const COUNTED = {
  nullable: true,
  dataType: { type: "integer" },
} as const satisfies Schema<"FieldSchema">;
const SCHEMA: Schema<"StreamSchema"> = { fields: [{ name: "count", schema: COUNTED }] };

/** What the server says of a change. */
function reply(part: Partial<Schema<"SchemaChangeReply">> = {}): Schema<"SchemaChangeReply"> {
  return {
    viewRid: "v1",
    schema: SCHEMA,
    schemaVersion: 0,
    isAllowed: true,
    isApplied: false,
    changes: [{ field: "unit", kind: "FIELD_ADDED", description: "unit is added: string" }],
    refusals: [],
    stored: { records: 30, lookedAt: 30, misfits: 0, examples: [] },
    ...part,
  };
}

async function opened(answer: unknown) {
  const { server } = serverWithStream({ schema: SCHEMA });
  server.on("POST", CHANGE, answer);
  const { user } = await renderAt(PATH, server);
  await user.click(await screen.findByRole("button", { name: "Change schema" }));
  return { server, user, dialog: within(await screen.findByRole("dialog")) };
}

test("a field is added once its preview was looked at", async () => {
  const { server, user, dialog } = await opened(reply());
  expect(dialog.getByRole("button", { name: "Preview" })).toBeDisabled();
  await user.type(dialog.getByLabelText("Name"), "unit");

  await user.click(dialog.getByRole("button", { name: "Preview" }));

  expect(await dialog.findByText("unit is added: string")).toBeVisible();
  expect(dialog.getByText("Each of the newest 30 records fits the new schema.")).toBeVisible();
  await user.click(dialog.getByRole("button", { name: "Change schema" }));
  expect(await screen.findByText("Furnace has its new schema.")).toBeVisible();
  const added = { name: "unit", schema: { nullable: true, dataType: { type: "string" } } };
  const schema = { fields: [...SCHEMA.fields, added] };
  expect(server.calls("POST", CHANGE)).toEqual([
    { schema, dryRun: true },
    { schema, dryRun: false },
  ]);
});

test("a field is added whose type has parts", async () => {
  const { server, user, dialog } = await opened(reply());
  await user.type(dialog.getByLabelText("Name"), "places");
  await user.selectOptions(dialog.getByLabelText("Type"), "Map");
  await user.selectOptions(dialog.getByLabelText("Value type"), "Struct");
  await user.click(dialog.getByRole("button", { name: "Preview" }));
  expect(dialog.getByRole("button", { name: "Preview" })).toBeDisabled();
  await user.type(dialog.getByLabelText("Field name"), "height");
  await user.selectOptions(dialog.getByLabelText("Field type"), "Decimal");
  await user.clear(dialog.getByLabelText("Scale"));
  await user.type(dialog.getByLabelText("Scale"), "2");

  await user.click(dialog.getByRole("button", { name: "Preview" }));

  expect(await dialog.findByText("unit is added: string")).toBeVisible();
  const height = {
    name: "height",
    schema: { nullable: true, dataType: { type: "decimal", precision: 38, scale: 2 } },
  };
  const dataType = {
    type: "map",
    keySchema: { nullable: false, dataType: { type: "string" } },
    valueSchema: { nullable: true, dataType: { type: "struct", subFields: [height] } },
  };
  const added = { name: "places", schema: { nullable: true, dataType } };
  expect(server.calls("POST", CHANGE)).toEqual([
    { schema: { fields: [...SCHEMA.fields, added] }, dryRun: true },
  ]);
});

test("a type is made wider, and what is chosen anew is previewed anew", async () => {
  const { server, user, dialog } = await opened(reply());
  await user.click(dialog.getByLabelText("Make a type wider"));

  await user.click(dialog.getByRole("button", { name: "Preview" }));
  await dialog.findByRole("button", { name: "Change schema" });
  await user.click(dialog.getByLabelText("Add a field, which may be null"));

  expect(dialog.getByRole("button", { name: "Preview" })).toBeDisabled();
  const wide = { name: "count", schema: { nullable: true, dataType: { type: "long" } } };
  expect(server.calls("POST", CHANGE)).toEqual([{ schema: { fields: [wide] }, dryRun: true }]);
});

test("a change that is refused cannot be made, and says why", async () => {
  const refusals = [{ field: "x", kind: "NAME_TAKEN", description: "the name is taken" }];
  const stored = { records: 30, lookedAt: 30, misfits: 2, examples: [] };
  const { user, dialog } = await opened(reply({ isAllowed: false, refusals, stored }));
  await user.type(dialog.getByLabelText("Name"), "x{Enter}");

  expect(await dialog.findByText("the name is taken")).toBeVisible();
  expect(dialog.getByText("2 records of the newest 30 would not fit.")).toBeVisible();
  expect(dialog.getByRole("button", { name: "Change schema" })).toBeDisabled();
});

test("what the server refuses is said in the dialog", async () => {
  const { user, dialog } = await opened(refusal(403, "ChangeStreamSchemaPermissionDenied"));
  await user.type(dialog.getByLabelText("Name"), "count");
  expect(dialog.getByText("Another field has this name.")).toBeVisible();
  await user.type(dialog.getByLabelText("Name"), "s{Enter}");

  expect(await dialog.findByRole("alert")).toBeVisible();
});

test("who may only read is not offered it", async () => {
  const { server } = serverWithStream({ role: "viewer" });
  await renderAt(PATH, server);

  await screen.findByRole("table", { name: "Schema" });
  expect(screen.queryByRole("button", { name: "Change schema" })).toBeNull();
});
