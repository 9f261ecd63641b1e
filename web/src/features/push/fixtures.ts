import { FakeServer } from "@/testing/fake-server";

export const RID = "ri.foundry.main.dataset.1";
export const CLIENT_ID = "0123456789abcdef0123456789abcdef";
export const SECRET = `swc_${"s".repeat(43)}`;
export const USER_ID = "00000000-0000-4000-8000-00000000000a";
export const ROLES = `/api/v2/filesystem/resources/${RID}/roles`;
export const CLIENT = `/multipass/api/clients/${CLIENT_ID}`;
export const PUBLISH = `/api/v2/highScale/streams/datasets/${RID}/streams/master/publishRecords`;
export const NEWEST = `/stream-proxy/api/streams/${RID}/branches/master/records`;

export const SCHEMA = {
  fields: [
    { name: "sensor_id", schema: { nullable: false, dataType: { type: "string" as const } } },
    { name: "temperature", schema: { nullable: true, dataType: { type: "double" as const } } },
  ],
};

/** A server with the stream of the walk-through, whose page an administrator opens. */
export function pushServer(): FakeServer {
  return new FakeServer()
    .signedIn({ isAdmin: true })
    .on("GET", `/api/v2/streams/datasets/${RID}/streams/master`, {
      branchName: "master",
      schema: SCHEMA,
      viewRid: "ri.foundry-streaming.main.view.1",
      partitionsCount: 1,
      streamType: "LOW_LATENCY",
      compressed: false,
    })
    .on("GET", `/api/v2/filesystem/resources/${RID}`, {
      rid: RID,
      displayName: "sensors",
      projectRid: RID,
      parentFolderRid: "ri.compass.main.folder.1",
      type: "FOUNDRY_DATASET",
    })
    .on("GET", NEWEST, { records: [] });
}

/** What the server says of the application, but for *changes*. */
export function application(changes: object = {}) {
  return {
    clientId: CLIENT_ID,
    clientType: "CONFIDENTIAL",
    displayName: "sensors app",
    enabled: true,
    grantTypes: ["CLIENT_CREDENTIALS"],
    operations: ["api:use-streams-write"],
    ...changes,
  };
}

/** A grant on the stream to the application's user. */
export function grant(roleId: string) {
  const principal = {
    type: "principalWithId",
    principalId: USER_ID,
    principalType: "USER",
  };
  return { resourceRolePrincipal: principal, roleId };
}

/** The answer to a search for the application's user. */
export const FOUND_USER = {
  data: [
    {
      id: USER_ID,
      username: CLIENT_ID,
      realm: "r",
      status: "ACTIVE",
      givenName: "sensors app",
      attributes: { "sluiceway:kind": ["service"] },
    },
  ],
};
