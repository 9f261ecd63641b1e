import { expect, test } from "vitest";
import type { StreamSchema } from "@/lib/streams";
import { SCHEMA } from "./fixtures";
import { judge } from "./judgement";
import { bodyOf } from "./records-text";
import { sampleRecord } from "./sample-record";

const NOW = new Date("2026-11-23T10:00:00Z");
const text = { nullable: true, dataType: { type: "string" as const } };
const NESTED: StreamSchema = {
  fields: [
    {
      name: "at",
      schema: { nullable: false, dataType: { type: "timestamp" } },
    },
    {
      name: "price",
      schema: { nullable: true, dataType: { type: "decimal", precision: 2, scale: 2 } },
    },
    {
      name: "place",
      schema: {
        nullable: true,
        dataType: {
          type: "struct",
          subFields: [
            {
              name: "tags",
              schema: { nullable: true, dataType: { type: "array", itemsSchema: text } },
            },
          ],
        },
      },
    },
    {
      name: "names",
      schema: { nullable: true, dataType: { type: "map", keySchema: text, valueSchema: text } },
    },
  ],
};

/** What is marked in *json*, with what is said of it. */
function marked(json: string, schema: StreamSchema) {
  return judge(json, schema).problems.map(({ from, to, message }) => [
    json.slice(from, to),
    message,
  ]);
}

test("a made-up record fits its schema", () => {
  const record = sampleRecord(NESTED, NOW);

  expect(record).toEqual({
    at: NOW.getTime(),
    price: "0.5",
    place: { tags: ["sample"] },
    names: { sample: "sample" },
  });
  expect(judge(JSON.stringify(record), NESTED).problems).toEqual([]);
});

test.each([
  ['[{"sensor_id": 7}]', '"sensor_id": 7', "sensor_id: expected a string, found 7"],
  ['{"sensor_id": "a", "heat": 1}', '"heat": 1', "heat: the schema has no such field"],
  ['{"temperature": 1}', "{", "sensor_id: is missing and not nullable"],
  [
    '[{"sensor_id": "a"}, {"sensor_id": null}]',
    '"sensor_id": null',
    "record 2, sensor_id: is null and not nullable",
  ],
  ['[{"value": {"sensor_id": 7}}]', '"sensor_id": 7', "sensor_id: expected a string, found 7"],
])("in %s the field that does not fit is marked", (json, place, message) => {
  expect(marked(json, SCHEMA)).toEqual([[place, message]]);
});

test.each([
  ['{"at": 1, "place": {"tags": ["a", 2]}}', "2", "place.tags[1]: expected a string, found 2"],
  ['{"at": 1, "names": {"a.b": 2}}', '"a.b": 2', 'names["a.b"]: expected a string, found 2'],
  ['{"at": "soon"', '"soon"', "This is not JSON yet."],
])("in %s the place inside is marked", (json, place, message) => {
  const [[found, said] = []] = marked(json, NESTED);

  expect(said).toBe(message);
  if (message !== "This is not JSON yet.") expect(found).toBe(place);
});

test.each([
  ['{"sensor_id": "a"}', '{"records":[{"sensor_id": "a"}]}'],
  ['[{"sensor_id": "a"}]', '{"records":[{"sensor_id": "a"}]}'],
  ['[{"value": {"sensor_id": "a"}}]', '[{"value": {"sensor_id": "a"}}]'],
])("%s is sent as it stands", (json, body) => {
  const { read } = judge(json, SCHEMA);

  expect(read && bodyOf(json, read)).toBe(body);
});
