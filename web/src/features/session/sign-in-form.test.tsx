import { screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { FakeServer, refusal, SESSION } from "@/testing/fake-server";
import { renderAt } from "@/testing/render";

const SPACES = "/api/v2/filesystem/spaces";

async function fillIn(user: Awaited<ReturnType<typeof renderAt>>["user"]) {
  await user.type(screen.getByLabelText("Username"), "ada");
  await user.type(screen.getByLabelText("Password"), "secret words");
  await user.click(screen.getByRole("button", { name: "Sign in" }));
}

test("a person who signs in comes to the projects", async () => {
  const server = new FakeServer().signedOut();
  server.on("POST", "/api/v1/session", SESSION).on("GET", SPACES, { data: [] });
  const { user, router } = await renderAt("/projects", server);

  await fillIn(user);

  await screen.findByRole("heading", { name: "Projects" });
  expect(router.state.location.href).toBe("/projects");
  expect(server.calls("POST", "/api/v1/session")).toEqual([
    { username: "ada", password: "secret words" },
  ]);
});

test("a wrong password is said at the form", async () => {
  const server = new FakeServer().signedOut();
  server.on("POST", "/api/v1/session", refusal(401, "Unauthorized"));
  const { user } = await renderAt("/sign-in", server);

  await fillIn(user);

  expect(await screen.findByRole("alert")).toHaveTextContent(
    "The username or the password is not right.",
  );
});

test("signing in leads back to the page that asked for it", async () => {
  const server = new FakeServer().signedOut();
  server.on("POST", "/api/v1/session", SESSION).on("GET", SPACES, { data: [] });
  const { user, router } = await renderAt("/projects?from=mail", server);

  await fillIn(user);

  await screen.findByRole("heading", { name: "Projects" });
  expect(router.state.location.href).toBe("/projects?from=mail");
});

test("signing in never leads to another site", async () => {
  const server = new FakeServer().signedOut();
  server.on("POST", "/api/v1/session", SESSION).on("GET", SPACES, { data: [] });
  const { user, router } = await renderAt("/sign-in?next=%2F%2Fevil.example", server);

  await fillIn(user);

  await screen.findByRole("heading", { name: "Projects" });
  expect(router.state.location.href).toBe("/projects");
});

test("who is signed in already does not see the form", async () => {
  const server = new FakeServer().signedIn().on("GET", SPACES, { data: [] });

  await renderAt("/sign-in", server);

  expect(screen.getByRole("heading", { level: 1 })).toHaveTextContent("Projects");
});
