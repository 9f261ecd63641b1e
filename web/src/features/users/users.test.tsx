import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { FakeServer } from "@/testing/fake-server";
import { renderAt } from "@/testing/render";
import type { User } from "./use-users";

const USERS = "/api/v2/admin/users";
const GROUPS = "/api/v2/admin/groups";
const GRACE: User = {
  id: "u2",
  username: "grace",
  realm: "x",
  status: "ACTIVE",
  attributes: { "sluiceway:kind": ["person"], "sluiceway:is-enabled": ["true"] },
};
const OPERATORS = { id: "g1", name: "Operators", realm: "x", organizations: [], attributes: {} };

function administrator(): FakeServer {
  return new FakeServer()
    .signedIn({ isAdmin: true })
    .on("GET", USERS, { data: [GRACE] })
    .on("GET", GROUPS, { data: [OPERATORS] });
}

test("a user is disabled after a question", async () => {
  const server = administrator().on("POST", "/api/v1/users/u2/disable", GRACE);
  const { user } = await renderAt("/settings/users", server);

  await user.click(await screen.findByRole("button", { name: "Actions for grace" }));
  await user.click(await screen.findByRole("menuitem", { name: "Disable" }));
  const dialog = within(await screen.findByRole("dialog"));
  await user.click(dialog.getByRole("button", { name: "Disable" }));

  expect(server.calls("POST", "/api/v1/users/u2/disable")).toHaveLength(1);
});

test("a generated password is long enough to make an account with", async () => {
  const server = administrator().on("POST", "/api/v1/users", { ...GRACE, username: "joan" });
  const { user } = await renderAt("/settings/users", server);

  await user.click(screen.getByRole("button", { name: "Create user" }));
  await user.type(screen.getByRole("textbox", { name: "Username" }), "joan");
  await user.click(screen.getByRole("button", { name: "Generate" }));
  await user.click(screen.getByRole("button", { name: "Create" }));

  await screen.findByText("joan can sign in now.");
  expect(server.calls("POST", "/api/v1/users")).toEqual([
    expect.objectContaining({ username: "joan", password: expect.stringMatching(/^\S{24}$/) }),
  ]);
});

test("a user's name is changed", async () => {
  const server = administrator().on("PUT", "/api/v1/users/u2", GRACE);
  const { user } = await renderAt("/settings/users", server);

  await user.click(await screen.findByRole("button", { name: "Actions for grace" }));
  await user.click(await screen.findByRole("menuitem", { name: "Change name and e-mail" }));
  const dialog = within(await screen.findByRole("dialog"));
  expect(dialog.getByRole("button", { name: "Save" })).toBeDisabled();
  await user.type(dialog.getByRole("textbox", { name: /^Given name/ }), "Grace");
  await user.click(dialog.getByRole("button", { name: "Save" }));

  await waitFor(() => expect(screen.queryByRole("dialog")).not.toBeInTheDocument());
  expect(server.calls("PUT", "/api/v1/users/u2")).toEqual([
    { givenName: "Grace", familyName: null, email: null },
  ]);
});

test("a user is deleted only after its name was typed", async () => {
  const server = administrator().on("DELETE", `${USERS}/u2`);
  const { user } = await renderAt("/settings/users", server);

  await user.click(await screen.findByRole("button", { name: "Actions for grace" }));
  await user.click(await screen.findByRole("menuitem", { name: "Delete" }));
  const dialog = within(await screen.findByRole("dialog", { name: "Delete grace?" }));
  expect(dialog.getByRole("button", { name: "Delete" })).toBeDisabled();
  await user.type(dialog.getByRole("textbox"), "grace");
  await user.click(dialog.getByRole("button", { name: "Delete" }));

  await waitFor(() => expect(screen.queryByRole("dialog")).not.toBeInTheDocument());
  expect(server.calls("DELETE", `${USERS}/u2`)).toHaveLength(1);
});

test("somebody is put into a group", async () => {
  const add = `${GROUPS}/g1/groupMembers/add`;
  const server = administrator()
    .on("GET", `${GROUPS}/g1/groupMembers`, { data: [] })
    .on("POST", add);
  const { user } = await renderAt("/settings/users", server);

  await user.click(screen.getByRole("tab", { name: "Groups" }));
  await user.click(await screen.findByRole("button", { name: "Members of Operators" }));
  await screen.findByRole("option", { name: "grace" });
  await user.selectOptions(screen.getByRole("combobox", { name: "New member" }), "grace");
  await user.click(screen.getByRole("button", { name: "Add" }));

  expect(server.calls("POST", add)).toEqual([{ principalIds: ["u2"] }]);
});

test("who is no administrator is told so", async () => {
  await renderAt("/settings/users", new FakeServer().signedIn());

  expect(screen.getByText("Only for administrators")).toBeVisible();
});
