import { screen, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { FakeServer } from "@/testing/fake-server";
import { renderAt } from "@/testing/render";
import type { Token } from "./use-tokens";

const TOKENS = "/multipass/api/tokens";
const LAPTOP: Token = {
  tokenId: "t1",
  clientId: null,
  userId: "u1",
  name: "laptop",
  description: "",
  expires_in: 1000,
  grantType: "USER_GENERATED",
  scope: { type: "universal" },
  state: "ENABLED",
  lastFour: "RL6M",
  createdTime: "2026-11-23T20:00:00.000Z",
  expirationTime: "2099-11-30T20:00:00.000Z",
  lastUsedTime: null,
};

function serverWith(...tokens: Token[]): FakeServer {
  return new FakeServer()
    .signedIn()
    .on("GET", TOKENS, { values: tokens, nextPageToken: null })
    .on("GET", "/api/v1/authorizations", { data: [] });
}

test("a new token is shown once", async () => {
  const server = serverWith();
  server.on("POST", TOKENS, { access_token: "swp_text", tokenInfo: { ...LAPTOP, name: "ci" } });
  const { user } = await renderAt("/settings/tokens", server);

  await screen.findByText("No tokens yet");
  await user.click(screen.getByRole("button", { name: "Create token" }));
  await user.type(screen.getByRole("textbox", { name: "Name" }), "ci");
  await user.selectOptions(screen.getByRole("combobox", { name: "Ends after" }), "1 day");
  await user.click(screen.getByRole("button", { name: "Create" }));

  expect(await screen.findByLabelText("Token")).toHaveValue("swp_text");
  expect(server.calls("POST", TOKENS)).toEqual([{ name: "ci", secondsToLive: 86_400 }]);
});

test("a token is revoked after a question", async () => {
  const server = serverWith(LAPTOP).on("POST", `${TOKENS}/revoke`, true);
  const { user } = await renderAt("/settings/tokens", server);

  await user.click(await screen.findByRole("button", { name: "Actions for laptop" }));
  await user.click(await screen.findByRole("menuitem", { name: "Revoke" }));
  const dialog = within(await screen.findByRole("dialog"));
  await user.click(dialog.getByRole("button", { name: "Revoke" }));

  expect(server.calls("POST", `${TOKENS}/revoke`)).toEqual([{ tokenId: "t1" }]);
});

test("a token that has ended says so and offers nothing", async () => {
  const old = { ...LAPTOP, expirationTime: "2020-01-01T00:00:00.000Z" };
  await renderAt("/settings/tokens", serverWith(old));

  expect(await screen.findByText("Expired")).toBeVisible();
  expect(screen.queryByRole("button", { name: "Actions for laptop" })).not.toBeInTheDocument();
});
