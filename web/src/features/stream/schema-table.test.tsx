import { screen, within } from "@testing-library/react";
import { expect, test } from "vitest";
import type { Schema } from "@/lib/api";
import { renderAt } from "@/testing/render";
import { RID, serverWithStream } from "./fixtures";

const FLAT = (type: "string" | "double") => ({ nullable: true, dataType: { type } }) as const;
const SCHEMA: Schema<"StreamSchema"> = {
  fields: [
    {
      name: "line",
      schema: { ...FLAT("string"), customMetadata: { description: "The line that measured" } },
    },
    {
      name: "places",
      schema: {
        nullable: false,
        dataType: {
          type: "array",
          itemsSchema: {
            nullable: true,
            dataType: { type: "struct", subFields: [{ name: "lat", schema: FLAT("double") }] },
          },
        },
      },
    },
  ],
  keyFieldNames: ["line"],
};

test("the schema says what fields mean, and what lies in the structs of an array", async () => {
  const { server } = serverWithStream({ schema: SCHEMA, role: "owner" });
  await renderAt(`/streams/${RID}?tab=details`, server);

  const table = within(await screen.findByRole("table", { name: "Schema" }));
  expect(table.getByText("The line that measured")).toBeVisible();
  expect(table.getByRole("row", { name: "places array of struct No" })).toBeVisible();
  expect(table.getByRole("row", { name: "lat double Yes" })).toBeVisible();
  expect(screen.getByText("Owner")).toBeVisible();
});
