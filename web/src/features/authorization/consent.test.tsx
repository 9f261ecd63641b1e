import { screen } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import { FakeServer, refusal } from "@/testing/fake-server";
import { renderAt } from "@/testing/render";

const REQUEST = "/api/v1/authorizations/request";
const QUERY = "client_id=c1&response_type=code&scope=api%3Ause-streams-read&state=1e5";
const ASKED = {
  client: { clientId: "c1", displayName: "Board" },
  scopes: [{ scope: "api:use-streams-read", description: "Read the records" }],
  redirectHost: "board.example",
};

test("the question says who asks for what, and the answer goes with the whole request", async () => {
  const assign = vi.fn();
  vi.stubGlobal("location", { ...window.location, assign, origin: window.location.origin });
  const server = new FakeServer().signedIn().on("GET", REQUEST, ASKED);
  server.on("POST", REQUEST, { redirectTo: "https://board.example/?code=x" });
  const { user } = await renderAt(`/authorize?${QUERY}`, server);

  expect(await screen.findByRole("heading", { name: "Authorize Board?" })).toBeVisible();
  expect(screen.getByText("Read the records")).toBeVisible();
  await user.click(screen.getByRole("button", { name: "Approve" }));

  await vi.waitFor(() => expect(assign).toHaveBeenCalledWith("https://board.example/?code=x"));
  const [sent] = server.calls("POST", REQUEST) as { query: string; decision: string }[];
  expect(sent?.decision).toBe("approve");
  expect(Object.fromEntries(new URLSearchParams(sent?.query))).toEqual(
    Object.fromEntries(new URLSearchParams(QUERY)),
  );
  vi.unstubAllGlobals();
});

test("a request that must not be answered is not", async () => {
  const server = new FakeServer().signedIn();
  server.on("GET", REQUEST, refusal(400, "InvalidRequest", "no application has this client_id"));
  await renderAt(`/authorize?${QUERY}`, server);

  expect(screen.getByText("This request cannot be answered")).toBeVisible();
  expect(screen.getByRole("alert")).toHaveTextContent("No application has this client_id.");
  expect(screen.queryByRole("button", { name: "Approve" })).not.toBeInTheDocument();
});

test("who is not signed in comes back to the question with the same request", async () => {
  const { router } = await renderAt(`/authorize?${QUERY}`, new FakeServer().signedOut());

  expect(router.state.location.pathname).toBe("/sign-in");
  const next = new URL(String(router.state.location.search.next), "http://x");
  expect(Object.fromEntries(next.searchParams)).toEqual(
    Object.fromEntries(new URLSearchParams(QUERY)),
  );
});
