/** One event of a `text/event-stream`. */
export interface ServerEvent {
  type: string;
  data: string;
  id: string | undefined;
}

/**
 * Read the events of a `text/event-stream` as they come (HTML standard, section 9.2).
 *
 * Like the browser's own `EventSource`, but the caller sees why a connection was refused.
 */
export async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerEvent> {
  let lines: string[] = [];
  for await (const line of readLines(body)) {
    if (line !== "") {
      lines.push(line);
      continue;
    }
    const event = eventOf(lines);
    lines = [];
    if (event !== undefined) yield event;
  }
}

async function* readLines(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const lines = (rest + decoder.decode(value, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) yield line.endsWith("\r") ? line.slice(0, -1) : line;
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

function eventOf(lines: readonly string[]): ServerEvent | undefined {
  const data: string[] = [];
  let type = "message";
  let id: string | undefined;
  for (const line of lines) {
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "data") data.push(value);
    else if (field === "event") type = value;
    else if (field === "id") id = value;
  }
  return data.length === 0 ? undefined : { type, data: data.join("\n"), id };
}
