import { screen, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { FakeServer, refusal } from "@/testing/fake-server";
import { renderAt } from "@/testing/render";

const RID = "ri.foundry.main.dataset.1";
const PROJECT = "ri.compass.main.folder.p";
const ADA = "00000000-0000-4000-8000-000000000001";
const APP = "00000000-0000-4000-8000-00000000000a";
const CLIENT_ID = "0123456789abcdef0123456789abcdef";
const rolesOf = (rid: string) => `/api/v2/filesystem/resources/${rid}/roles`;

function grant(principalId: string, roleId: string) {
  return {
    resourceRolePrincipal: { type: "principalWithId", principalId, principalType: "USER" },
    roleId,
  };
}

function user(id: string, username: string, kind: string, givenName?: string) {
  const attributes = { "sluiceway:kind": [kind] };
  return { id, username, givenName, realm: "r", status: "ACTIVE", attributes };
}

/** A stream on which Ada is Owner through its project. */
function sharingServer(): FakeServer {
  const project = { rid: PROJECT, displayName: "Factory", projectRid: PROJECT };
  return new FakeServer()
    .signedIn()
    .on("GET", `/api/v2/streams/datasets/${RID}/streams/master`, {
      branchName: "master",
      schema: { fields: [] },
      viewRid: "v",
      partitionsCount: 1,
      streamType: "LOW_LATENCY",
      compressed: false,
    })
    .on("GET", `/api/v2/filesystem/resources/${RID}`, {
      rid: RID,
      displayName: "sensors",
      projectRid: PROJECT,
      parentFolderRid: PROJECT,
    })
    .on("GET", `/api/v2/filesystem/resources/${PROJECT}`, { ...project, parentFolderRid: "space" })
    .on("GET", rolesOf(RID), (request: Request) => ({
      data: request.url.includes("includeInherited=true") ? [grant(ADA, "owner")] : [],
    }))
    .on("GET", rolesOf(PROJECT), { data: [grant(ADA, "owner")] })
    .on("POST", "/api/v2/admin/users/getBatch", { data: { [ADA]: user(ADA, "ada", "person") } })
    .on("POST", "/api/v2/admin/groups/search", { data: [] })
    .on("POST", "/api/v2/admin/users/search", {
      data: [user(APP, CLIENT_ID, "service", "sensors app")],
    })
    .on("POST", `${rolesOf(RID)}/add`);
}

async function openPanel(server: FakeServer) {
  const page = await renderAt(`/streams/${RID}/push/curl`, server);
  await page.user.click(screen.getByRole("button", { name: "Share" }));
  await screen.findByRole("tab", { name: "Roles" });
  return page;
}

async function add(page: Awaited<ReturnType<typeof openPanel>>) {
  await page.user.type(
    screen.getByRole("searchbox", { name: "Search users, groups or client IDs" }),
    CLIENT_ID,
  );
  await page.user.click(await screen.findByRole("button", { name: "Add" }));
}

test("an application is found by its client id and made Editor", async () => {
  const server = sharingServer();
  const page = await openPanel(server);

  expect(screen.getByRole("button", { name: "Save" })).toBeDisabled();
  await add(page);
  expect(screen.getByRole("combobox", { name: "Role" })).toHaveDisplayValue("Editor");
  await page.user.click(screen.getByRole("button", { name: "Save" }));

  expect(await screen.findByText("The roles are saved.")).toBeVisible();
  expect(server.calls("POST", `${rolesOf(RID)}/add`)).toEqual([
    {
      roles: [
        {
          resourceRolePrincipal: { type: "principalIdOnly", principalId: APP },
          roleId: "editor",
        },
      ],
    },
  ]);
});

test("the panel says who has access, and through what", async () => {
  await openPanel(sharingServer());

  const list = within(await screen.findByRole("list", { name: "Who has access" }));
  expect(list.getByText("ada")).toBeVisible();
  expect(list.getByText("given on Factory")).toBeVisible();
  expect(list.getByText("Owner")).toBeVisible();
});

test("an Editor gives and takes no role above its own", async () => {
  const server = sharingServer()
    .on("GET", `/api/v1/filesystem/resources/${RID}/ownRole`, { roleId: "editor" })
    .on("GET", rolesOf(RID), { data: [grant(ADA, "owner"), grant(APP, "viewer")] })
    .on("POST", "/api/v2/admin/users/getBatch", {
      data: { [ADA]: user(ADA, "ada", "person"), [APP]: user(APP, CLIENT_ID, "service", "app") },
    });
  const page = await openPanel(server);
  await add(page);

  const offered = (select: HTMLElement) =>
    within(select)
      .getAllByRole("option")
      .map((option) => option.textContent);
  const roles = ["Editor", "Viewer", "Discoverer"];
  expect(offered(screen.getByRole("combobox", { name: "Role" }))).toEqual(roles);
  const list = within(await screen.findByRole("list", { name: "Who has access" }));
  expect(offered(list.getByRole("combobox"))).toEqual([...roles, "Take away"]);
  expect(list.getByText("Owner")).toBeVisible();
});

test("who may not share is told so", async () => {
  const server = sharingServer();
  const denied = refusal(403, "AddResourceRolesPermissionDenied", "granting needs the role Editor");
  server.on("POST", `${rolesOf(RID)}/add`, denied);
  const page = await openPanel(server);

  await add(page);
  await page.user.click(screen.getByRole("button", { name: "Save" }));

  expect(await screen.findByRole("alert")).toHaveTextContent("Granting needs the role Editor.");
});
