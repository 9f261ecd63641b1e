import { screen, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { FakeServer } from "@/testing/fake-server";
import { renderAt } from "@/testing/render";
import type { Application } from "./use-applications";

const CLIENTS = "/multipass/api/clients";
const GATEWAY: Application = {
  clientId: "c1",
  clientType: "CONFIDENTIAL",
  displayName: "Gateway",
  description: null,
  logoUri: null,
  organizationRid: "ri.multipass..organization.x",
  grantTypes: [],
  redirectUris: [],
  allowedOrganizationRids: [],
  resources: null,
  operations: null,
  markingIds: null,
  roleSetId: "oauth2-client",
  serviceUserId: null,
  enabled: true,
  createdAt: "2026-11-23T20:00:00.000Z",
  createdBy: null,
  lastUsedAt: null,
};

function administrator(): FakeServer {
  return new FakeServer()
    .signedIn({ isAdmin: true })
    .on("GET", CLIENTS, { values: [GATEWAY], nextPageToken: null })
    .on("GET", `${CLIENTS}/c1`, GATEWAY);
}

test("a registered application's secret is shown once, and leaving without it is asked about", async () => {
  const server = administrator();
  server.on("POST", CLIENTS, { ...GATEWAY, clientId: "c2", clientSecret: "swc_secret" });
  const { user } = await renderAt("/settings/applications", server);

  await user.click(screen.getByRole("button", { name: "Register new application" }));
  await user.type(screen.getByRole("textbox", { name: "Name" }), "Pusher");
  await user.click(screen.getByRole("radio", { name: "Server application" }));
  await user.click(screen.getByRole("button", { name: "Create" }));

  expect(await screen.findByLabelText("Client secret")).toHaveValue("swc_secret");
  expect(screen.getByLabelText("Client ID")).toHaveValue("c2");
  expect(server.calls("POST", CLIENTS)).toEqual([
    { clientType: "CONFIDENTIAL", displayName: "Pusher", grantTypes: [], redirectUris: [] },
  ]);

  await user.click(screen.getByRole("button", { name: "Done" }));
  await user.click(await screen.findByRole("button", { name: "Leave without it" }));

  expect(screen.queryByLabelText("Client secret")).not.toBeInTheDocument();
});

test("who copied the secret may leave without a question", async () => {
  const server = administrator();
  server.on("POST", CLIENTS, { ...GATEWAY, clientId: "c2", clientSecret: "swc_secret" });
  const { user } = await renderAt("/settings/applications", server);

  await user.click(screen.getByRole("button", { name: "Register new application" }));
  await user.type(screen.getByRole("textbox", { name: "Name" }), "Pusher");
  await user.click(screen.getByRole("button", { name: "Create" }));
  await screen.findByLabelText("Client secret");
  await user.click(screen.getAllByRole("button", { name: "Copy" }).at(-1) as HTMLElement);
  await user.click(screen.getByRole("button", { name: "Done" }));

  expect(screen.queryByLabelText("Client secret")).not.toBeInTheDocument();
  expect(await navigator.clipboard.readText()).toBe("swc_secret");
});

test("grants and restrictions are saved together", async () => {
  const server = administrator();
  server.on("PUT", `${CLIENTS}/c1`, (_: Request, body: object) => ({ ...GATEWAY, ...body }));
  const { user } = await renderAt("/settings/applications/c1", server);

  await user.click(screen.getByRole("switch", { name: "Client credentials grant" }));
  await user.click(screen.getByRole("checkbox", { name: "api:use-streams-write" }));
  await user.click(screen.getByRole("button", { name: "Save" }));

  await screen.findByText("Gateway is saved.");
  expect(server.calls("PUT", `${CLIENTS}/c1`)).toEqual([
    {
      clientType: "CONFIDENTIAL",
      displayName: "Gateway",
      description: null,
      grantTypes: ["CLIENT_CREDENTIALS"],
      redirectUris: [],
      operations: ["api:use-streams-write"],
    },
  ]);
});

test("a restriction to nothing cannot be saved", async () => {
  const { user } = await renderAt("/settings/applications/c1", administrator());

  await user.click(screen.getByRole("radio", { name: "Only these operations" }));

  expect(screen.getByRole("button", { name: "Save" })).toBeDisabled();
  expect(screen.getByText("Choose at least one operation")).toBeVisible();
});

test("an application is deleted only after its name was typed", async () => {
  const server = administrator().on("DELETE", `${CLIENTS}/c1`);
  const { user, router } = await renderAt("/settings/applications/c1", server);

  await user.click(screen.getByRole("button", { name: "Delete application" }));
  const dialog = within(await screen.findByRole("dialog"));
  expect(dialog.getByRole("button", { name: "Delete" })).toBeDisabled();
  await user.type(dialog.getByRole("textbox"), "Gateway");
  await user.click(dialog.getByRole("button", { name: "Delete" }));

  await screen.findByRole("heading", { name: "Third-party applications" });
  expect(router.state.location.pathname).toBe("/settings/applications");
  expect(server.calls("DELETE", `${CLIENTS}/c1`)).toHaveLength(1);
});

test("the switch shuts an application out at once", async () => {
  const installation = "/multipass/api/client-installations/c1";
  const server = administrator().on("DELETE", installation);
  const { user } = await renderAt("/settings/applications/c1", server);

  await user.click(screen.getByRole("switch", { name: "Enabled" }));

  await screen.findByText("The application is shut out, and its tokens have ended.");
  expect(server.calls("DELETE", installation)).toHaveLength(1);
});
