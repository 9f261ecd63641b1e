import { screen, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { FakeServer, refusal } from "@/testing/fake-server";
import { renderAt } from "@/testing/render";

const RID = "ri.foundry.main.dataset.1";
const STREAM = `/api/v2/streams/datasets/${RID}/streams/master`;
const RESOURCE = `/api/v2/filesystem/resources/${RID}`;

test("each way to push is a link to its own page", async () => {
  const server = new FakeServer()
    .signedIn()
    .on("GET", STREAM, {
      branchName: "master",
      schema: { fields: [] },
      viewRid: "v",
      partitionsCount: 2,
      streamType: "LOW_LATENCY",
      compressed: false,
    })
    .on("GET", RESOURCE, { rid: RID, displayName: "sensors", projectRid: RID });

  await renderAt(`/streams/${RID}/connect`, server);

  expect(screen.getByRole("heading", { level: 1 })).toHaveTextContent("Connect");
  const api = within(screen.getByRole("region", { name: "Connect via API" }));
  const links = api
    .getAllByRole("link")
    .map((link) => [link.textContent, link.getAttribute("href")]);
  expect(links).toEqual([
    ["cURL", `/streams/${RID}/push/curl`],
    ["Python", `/streams/${RID}/push/python`],
    ["JavaScript", `/streams/${RID}/push/javascript`],
    ["Java", `/streams/${RID}/push/java`],
  ]);
  expect(screen.getByRole("link", { name: "foundry-platform-sdk" })).toBeInTheDocument();
});

test("a stream that is not there is said to be so", async () => {
  const missing = refusal(404, "StreamNotFound", "there is no such stream");
  const server = new FakeServer().signedIn().on("GET", STREAM, missing);
  server.on("GET", RESOURCE, refusal(404, "ResourceNotFound"));

  await renderAt(`/streams/${RID}/connect`, server).catch(() => undefined);

  expect(await screen.findByRole("alert")).toHaveTextContent("There is no such stream.");
});
