// Uses Palantir's TypeScript packages against a server and prints, as JSON, what they gave.
//
// Called with one argument, JSON: {url, clientId, clientSecret, folder, trashed}. Each entry of the
// answer is {value} or {error}; test_osdk_streams.py says what they must be.
import { createPlatformClient, PalantirApiError } from "@osdk/client";
import { Datasets, Streams } from "@osdk/foundry.streams";
import { createConfidentialOauthClient } from "@osdk/oauth";
import { foundryPlatformFetch } from "@osdk/shared.net.platformapi";

const given = JSON.parse(process.argv[2]);
const preview = { preview: true };
const master = "master";
const field = (name, type, nullable = true) => ({
  name,
  schema: { nullable, dataType: { type } },
});
const sensors = {
  fields: [
    field("sensor_id", "string", false),
    field("temperature", "double"),
    field("created_at", "timestamp"),
  ],
};
const payloads = { fields: [field("payload", "binary", false)] };

// The package for streams has no calls that read; these go through the fetch that its calls use.
const fast = "/v2/highScale/streams/datasets/{0}/streams/{1}";
const subscribers = "/v2/streams/datasets/{0}/streams/{1}/subscribers";
const getRecords = [0, `${fast}/getRecords`, 2];
const getEndOffsets = [0, `${fast}/getEndOffsets`, 2];
const createSubscriber = [1, subscribers, 3];
const deleteSubscriber = [3, `${subscribers}/{2}`, 2];
const getReadPosition = [0, `${fast}/subscribers/{2}/getReadPosition`, 2];
const readRecords = [1, `${fast}/subscribers/{2}/readRecords`, 3];
const commitOffsets = [1, `${fast}/subscribers/{2}/commitOffsets`, 3];
const resetOffsets = [1, `${fast}/subscribers/{2}/resetOffsets`, 3];

const client = clientFor(["api:use-streams-read", "api:use-streams-write"]);
const writer = clientFor(["api:use-streams-write"]);
const stranger = createPlatformClient(given.url, async () => "swp_this-is-no-token");
const results = {};

function clientFor(scopes) {
  const { clientId, clientSecret, url } = given;
  return createPlatformClient(
    url,
    createConfidentialOauthClient(clientId, clientSecret, url, scopes),
  );
}

async function attempt(name, call) {
  try {
    results[name] = { value: (await call()) ?? null };
  } catch (error) {
    results[name] = { error: described(error) };
  }
  return results[name].value;
}

function described(error) {
  if (!(error instanceof PalantirApiError)) return { unexpected: String(error?.stack ?? error) };
  const { errorCode, errorName, errorInstanceId, errorDescription, statusCode, parameters } = error;
  return { errorCode, errorName, errorInstanceId, errorDescription, statusCode, parameters };
}

function create(name, schema) {
  const body = { name, parentFolderRid: given.folder, schema };
  return Datasets.create(client, body, preview);
}

function records(rid, branch) {
  const query = { partitionId: "0", limit: 10, ...preview };
  return foundryPlatformFetch(client, getRecords, rid, branch, query);
}

async function publishAndRead() {
  const { rid } = await attempt("dataset", () => create("sensors", sensors));
  await attempt("stream", () => Streams.get(client, rid, master, preview));
  await attempt("publishRecord", () =>
    Streams.publishRecord(client, rid, master, {
      record: { sensor_id: "s1", temperature: 4.132, created_at: new Date(1731426022784) },
    }),
  );
  await attempt("publishRecords", () =>
    Streams.publishRecords(
      writer,
      rid,
      master,
      { records: [{ sensor_id: "s2", temperature: null }, { sensor_id: "s3" }] },
      preview,
    ),
  );
  await attempt("getRecords", () => records(rid, master));
  await attempt("getEndOffsets", () =>
    foundryPlatformFetch(client, getEndOffsets, rid, master, preview),
  );
  return rid;
}

async function branch(rid) {
  const name = "feature/a b";
  await attempt("created branch", () =>
    Streams.create(
      client,
      rid,
      { branchName: name, schema: sensors, partitionsCount: 2, compressed: true },
      preview,
    ),
  );
  await attempt("same branch", () =>
    Streams.create(client, rid, { branchName: name, schema: sensors }, preview),
  );
  await attempt("empty branch", () => records(rid, name));
  await attempt("published to branch", () =>
    Streams.publishRecords(client, rid, name, { records: [{ sensor_id: "s1" }] }),
  );
}

async function binary() {
  const { rid } = await attempt("binary dataset", () => create("payloads", payloads));
  await attempt("publishBinaryRecord", () =>
    Streams.publishBinaryRecord(client, rid, master, new Blob([new Uint8Array([0, 255, 10])])),
  );
  await attempt("binary records", () => records(rid, master));
}

async function subscriber(rid) {
  const id = `reader ${rid}`;
  const call = (endpoint, ...rest) =>
    foundryPlatformFetch(client, endpoint, rid, master, ...rest, preview);
  await attempt("createSubscriber", () => call(createSubscriber, { subscriberId: id }));
  await attempt("readRecords", () => call(readRecords, id, { limit: 2 }));
  await attempt("commitOffsets", () => call(commitOffsets, id, { offsets: { 0: 1 } }));
  await attempt("getReadPosition", () => call(getReadPosition, id));
  await attempt("rest of records", () => call(readRecords, id, { autoCommit: true }));
  await attempt("resetOffsets", () => call(resetOffsets, id, { position: { type: "earliest" } }));
  await attempt("deleteSubscriber", () => call(deleteSubscriber, id));
  await attempt("deleted subscriber", () => call(getReadPosition, id));
}

async function errors(rid) {
  const record = { sensor_id: "s1" };
  const { folder, trashed } = given;
  const calls = {
    "missing stream": () => Streams.get(client, rid, "none"),
    "bad record": () =>
      Streams.publishRecords(client, rid, master, { records: [record, { sensor_id: 7 }] }),
    "wrong schema": () =>
      Datasets.create(client, { name: "x", parentFolderRid: folder, schema: { fields: [] } }, preview),
    "taken name": () => create("sensors", sensors),
    "no binary stream": () => Streams.publishBinaryRecord(client, rid, master, new Blob(["x"])),
    "no preview": () => Streams.reset(client, rid, master, {}),
    "trashed stream": () => Streams.publishRecord(client, trashed, master, { record }),
    "missing scope": () => Streams.get(writer, rid, master),
    "bad token": () => Streams.publishRecord(stranger, rid, master, { record }),
    "unshared folder": () =>
      Datasets.create(
        client,
        { name: "x", parentFolderRid: given.readable, schema: sensors },
        preview,
      ),
  };
  for (const [name, call] of Object.entries(calls)) await attempt(name, call);
}

async function reset(rid) {
  const old = results.stream.value.viewRid;
  const body = { schema: payloads, partitionsCount: 3, streamType: "HIGH_THROUGHPUT" };
  await attempt("reset", () => Streams.reset(client, rid, master, body, preview));
  await attempt("old view", () =>
    Streams.publishRecord(client, rid, master, { record: { sensor_id: "s1" }, viewRid: old }),
  );
  await attempt("records after reset", () => records(rid, master));
}

const rid = await publishAndRead();
await branch(rid);
await binary();
await subscriber(rid);
await errors(rid);
await reset(rid);
console.log(JSON.stringify(results));
