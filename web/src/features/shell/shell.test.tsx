import { screen, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { FakeServer, refusal, SESSION } from "@/testing/fake-server";
import { renderAt } from "@/testing/render";

const PASSWORD = `/api/v1/users/${SESSION.user.id}/password`;

function server(): FakeServer {
  return new FakeServer().signedIn().on("GET", "/api/v2/filesystem/spaces", { data: [] });
}

test("the page that is shown is marked in the navigation", async () => {
  await renderAt("/projects", server());

  const navigation = within(screen.getByRole("navigation", { name: "Main" }));

  const link = navigation.getByRole("link", { name: "Projects" });
  expect(link).toHaveAttribute("aria-current", "page");
});

test("signing out leads to the sign-in page", async () => {
  const away = server().on("DELETE", "/api/v1/session");
  const { user, router } = await renderAt("/projects", away);

  await user.click(screen.getByRole("button", { name: "User menu of ada" }));
  await user.click(await screen.findByRole("menuitem", { name: "Sign out" }));

  expect(await screen.findByRole("heading", { name: "Sign in" })).toBeVisible();
  expect(router.state.location.href).toBe("/sign-in");
  expect(away.calls("DELETE", "/api/v1/session")).toHaveLength(1);
});

test("a password is changed when the new one was typed twice alike", async () => {
  const changing = server().on("POST", PASSWORD);
  const { user } = await renderAt("/projects", changing);

  await user.click(screen.getByRole("button", { name: "User menu of ada" }));
  await user.click(await screen.findByRole("menuitem", { name: "Change password" }));
  const dialog = within(await screen.findByRole("dialog", { name: "Change password" }));
  await user.type(dialog.getByLabelText("Current password"), "old words");
  await user.type(dialog.getByLabelText("New password"), "new words");
  await user.type(dialog.getByLabelText("New password again"), "new word");
  expect(dialog.getByText("The two are not the same.")).toBeVisible();
  expect(dialog.getByRole("button", { name: "Change password" })).toBeDisabled();
  await user.type(dialog.getByLabelText("New password again"), "s");
  await user.click(dialog.getByRole("button", { name: "Change password" }));

  expect(await screen.findByText("Your password is changed.")).toBeVisible();
  expect(changing.calls("POST", PASSWORD)).toEqual([
    { oldPassword: "old words", newPassword: "new words" },
  ]);
});

test("a password that the server refuses is explained", async () => {
  const error = refusal(400, "InvalidPassword", "the password is too short");
  const { user } = await renderAt("/projects", server().on("POST", PASSWORD, error));

  await user.click(screen.getByRole("button", { name: "User menu of ada" }));
  await user.click(await screen.findByRole("menuitem", { name: "Change password" }));
  const dialog = within(await screen.findByRole("dialog"));
  for (const label of ["Current password", "New password", "New password again"]) {
    await user.type(dialog.getByLabelText(label), "x");
  }
  await user.click(dialog.getByRole("button", { name: "Change password" }));

  expect(await dialog.findByRole("alert")).toHaveTextContent("The password is too short.");
});

test("one's own name is changed, and the e-mail address stays", async () => {
  const { user: me } = SESSION;
  const put = `/api/v1/users/${me.id}`;
  const known = { ...me, givenName: "Ada", familyName: "King", email: "ada@example.org" };
  const fake = server().on("GET", "/api/v2/admin/users/getCurrent", known).on("PUT", put, known);
  const { user } = await renderAt("/projects", fake);

  await user.click(screen.getByRole("button", { name: "User menu of ada" }));
  await user.click(await screen.findByRole("menuitem", { name: "Change your name" }));
  const dialog = within(await screen.findByRole("dialog", { name: "Your name" }));
  await expect.poll(() => dialog.getByRole("textbox", { name: /^Given/ })).toHaveValue("Ada");
  expect(dialog.queryByRole("textbox", { name: /^E-mail/ })).not.toBeInTheDocument();
  const family = dialog.getByRole("textbox", { name: /^Family/ });
  await user.clear(family);
  await user.type(family, "Lovelace");
  await user.click(dialog.getByRole("button", { name: "Save" }));

  expect(await screen.findByText("Your name is changed.")).toBeVisible();
  expect(fake.calls("PUT", put)).toEqual([
    { givenName: "Ada", familyName: "Lovelace", email: "ada@example.org" },
  ]);
});

test("arrow keys walk through a menu, and Escape goes back to its button", async () => {
  const { user } = await renderAt("/projects", server());
  const button = screen.getByRole("button", { name: "User menu of ada" });

  button.focus();
  await user.keyboard("{Enter}");
  await screen.findByRole("menuitem", { name: "Change password" });
  await user.keyboard("{ArrowDown}{ArrowDown}{ArrowDown}");
  expect(screen.getByRole("menuitem", { name: "Change your name" })).toHaveFocus();
  await user.keyboard("{ArrowUp}");
  expect(screen.getByRole("menuitem", { name: "Sign out" })).toHaveFocus();

  await user.keyboard("{Escape}");
  await expect.poll(() => document.activeElement).toBe(button);
});

test("a path without a page says so below the navigation", async () => {
  await renderAt("/no/such/page", server());

  expect(screen.getByRole("heading", { level: 1, name: "Not found" })).toBeVisible();
  expect(screen.getByRole("navigation", { name: "Main" })).toBeVisible();
});
