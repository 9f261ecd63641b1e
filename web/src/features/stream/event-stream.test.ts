import { expect, test } from "vitest";
import { readEvents, type ServerEvent } from "./event-stream";

async function eventsOf(...chunks: string[]) {
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(encoder.encode(chunk));
      controller.close();
    },
  });
  const events: ServerEvent[] = [];
  for await (const event of readEvents(body)) events.push(event);
  return events;
}

test("events are read however the network cuts them", async () => {
  const text = 'event: records\nid: 7\ndata: {"a":"ü"}\n\n: still here\n\ndata: b\r\n\r\n';
  const whole = [
    { type: "records", data: '{"a":"ü"}', id: "7" },
    { type: "message", data: "b", id: undefined },
  ];

  expect(await eventsOf(text)).toEqual(whole);
  expect(await eventsOf(...text)).toEqual(whole);
});

test("an event that was not finished is none", async () => {
  expect(await eventsOf("data: a\n")).toEqual([]);
});
