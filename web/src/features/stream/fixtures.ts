import type { ErrorBody } from "@/lib/errors";
import { FakeServer } from "@/testing/fake-server";
import type { Retention } from "./retention";
import type { StreamDescription } from "./wire";

export const RID = "ri.foundry.main.dataset.d1";
export const STREAM = `/api/v1/streams/${RID}/master`;
export const START = {
  viewRid: "v1",
  partitionsCount: 1,
  recordsPerSecondMax: 200,
  begins: "tail",
};

export const DESCRIPTION: StreamDescription = {
  datasetRid: RID,
  name: "Furnace",
  path: "/Main/Factory/Furnace",
  parentFolderRid: "p1",
  projectRid: "p1",
  description: null,
  branchName: "master",
  branches: ["master"],
  viewRid: "v1",
  schema: {
    fields: [
      { name: "sensor_id", schema: { nullable: false, dataType: { type: "string" } } },
      { name: "temperature", schema: { nullable: true, dataType: { type: "double" } } },
    ],
    keyFieldNames: ["sensor_id"],
  },
  partitionsCount: 1,
  streamType: "LOW_LATENCY",
  compressed: false,
  createdBy: "u1",
  createdByName: "ada",
  createdTime: "2026-11-23T20:00:00.000Z",
  viewCreatedTime: "2026-11-23T20:00:00.000Z",
  role: "owner",
  trashStatus: "NOT_TRASHED",
  sampleRecord: {},
  archivedThrough: {},
};

export const RETENTION: Retention = {
  hotSeconds: null,
  hotBytes: null,
  coldSeconds: null,
  legalHold: null,
  isArchived: true,
  startOffsets: { 0: 0 },
};

/** A server with one stream, whose live records the test sends. */
export function serverWithStream(part: Partial<StreamDescription> = {}) {
  const live = new LiveConnections();
  const server = new FakeServer()
    .signedIn()
    .on("GET", `${STREAM}/description`, { ...DESCRIPTION, ...part })
    .on("GET", `/api/v2/filesystem/resources/${RID}`, {
      rid: RID,
      displayName: DESCRIPTION.name,
      projectRid: "p1",
      parentFolderRid: "p1",
    })
    .on("GET", "/api/v2/filesystem/resources/p1", {
      rid: "p1",
      displayName: "Factory",
      projectRid: "p1",
      parentFolderRid: "s1",
    })
    .on("GET", `${STREAM}/archive`, {})
    .on("GET", `${STREAM}/retention`, RETENTION)
    .on("GET", `${STREAM}/dead-letters`, { data: [], openCount: 0 })
    .on("GET", `${STREAM}/live`, (request: Request) => live.open(request));
  return { server, live };
}

/** The open connections of the live call; the newest is the one that is written to. */
export class LiveConnections {
  readonly requests: Request[] = [];
  #refusal: ErrorBody | undefined;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;

  open(request: Request): Response {
    this.requests.push(request);
    const refusal = this.#refusal;
    this.#refusal = undefined;
    if (refusal !== undefined) return Response.json(refusal, { status: 400 });
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#controller = controller;
      },
    });
    this.send("start", START, "0");
    return new Response(body, { headers: { "Content-Type": "text/event-stream" } });
  }

  send(event: string, data: unknown, id: string): void {
    const place = id === "" ? "" : `id: ${id}\n`;
    const text = `event: ${event}\n${place}data: ${JSON.stringify(data)}\n\n`;
    this.#controller?.enqueue(new TextEncoder().encode(text));
  }

  record(offset: number, value: object, skipped = 0): void {
    const record = { offset, time: new Date(1_700_000_000_000 + offset).toISOString(), value };
    this.send("records", { partition: 0, skipped, records: [record] }, String(offset));
  }

  end(cause: string, error: ErrorBody | null): void {
    this.send("end", { cause, retryable: error === null, error }, "");
  }

  /** Refuse the next connection. */
  refuseNext(errorName: string): void {
    const facts = { errorCode: "INVALID_ARGUMENT", errorInstanceId: "", parameters: {} };
    this.#refusal = { ...facts, errorName, errorDescription: "refused" };
  }

  break(): void {
    this.#controller?.close();
  }
}
