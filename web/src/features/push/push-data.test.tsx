import { screen, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { type FakeServer, refusal } from "@/testing/fake-server";
import { renderAt } from "@/testing/render";
import {
  application,
  CLIENT,
  CLIENT_ID,
  FOUND_USER,
  grant,
  NEWEST,
  PUBLISH,
  pushServer,
  RID,
  ROLES,
  SECRET,
  USER_ID,
} from "./fixtures";

const TOKEN = "/multipass/api/oauth2/token";
const REVOKE = "/multipass/api/oauth2/revoke_token";
const NEW_TOKEN = "/multipass/api/tokens";

/** The forms of OAuth are no JSON, which the fake server reads. */
function withTrial(server: FakeServer): FakeServer["fetch"] {
  return async (input, init) => {
    const { pathname } = new URL(input instanceof Request ? input.url : input);
    if (pathname === TOKEN) return Response.json({ access_token: "swa_token" });
    if (pathname === REVOKE) return new Response(null, { status: 200 });
    return server.fetch(input, init);
  };
}

function renderWithTrial(path: string, server: FakeServer) {
  return renderAt(path, Object.assign(Object.create(server), { fetch: withTrial(server) }));
}

function withApplication(server: FakeServer, changes: object, roles: object[]) {
  return server
    .on("GET", CLIENT, application(changes))
    .on("POST", "/api/v2/admin/users/search", FOUND_USER)
    .on("GET", `/api/v2/admin/users/${USER_ID}/groupMemberships`, { data: [] })
    .on("GET", ROLES, { data: roles });
}

/** The item of a list that says *words*, in one or several elements. */
function isLine(words: string) {
  return (_: string, element: Element | null) =>
    element?.tagName === "LI" && element.textContent === words;
}

/** A page with the code, reached with a personal token. */
async function codeAt(language: string, server: FakeServer) {
  server.on("POST", NEW_TOKEN, { access_token: "swp_token", tokenInfo: {} });
  const page = await renderAt(`/streams/${RID}/push/${language}`, server);
  await page.user.click(screen.getByRole("radio", { name: "Push with a personal token" }));
  await page.user.click(screen.getByRole("button", { name: "Next step" }));
  await screen.findByRole("region", { name: "Get a token" });
  return page;
}

test("an application is checked step by step, and its code is shown", async () => {
  const server = withApplication(pushServer(), {}, [grant("editor")]);
  const { user } = await renderWithTrial(`/streams/${RID}/push/curl`, server);

  const next = screen.getByRole("button", { name: "Next step" });
  expect(next).toBeDisabled();
  expect(screen.getByRole("link", { name: "Go to third-party applications" })).toHaveAttribute(
    "href",
    "/settings/applications",
  );
  await user.click(screen.getByRole("textbox", { name: "Client ID" }));
  await user.paste(CLIENT_ID);
  await user.click(screen.getByRole("textbox", { name: "Client secret" }));
  await user.paste(SECRET);
  for (const line of [
    "The application exists: done",
    "The secret is right: done",
    "The client credentials grant is enabled: done",
    "It may write to streams: done",
    "The stream is shared with it: done",
  ]) {
    expect(await screen.findByText(isLine(line))).toBeVisible();
  }
  expect(screen.getByRole("link", { name: "Manage application" })).toHaveAttribute(
    "href",
    `/settings/applications/${CLIENT_ID}`,
  );
  await user.click(next);

  const token = within(await screen.findByRole("region", { name: "Get a token" }));
  expect(token.getByText(new RegExp(`client_secret=${SECRET}`))).toBeInTheDocument();
  expect(token.getByRole("button", { name: "Copy" })).toBeInTheDocument();
  const push = within(screen.getByRole("region", { name: "Push records" }));
  expect(push.getByText(/"sensor_id": "sample"/).closest("code")).toHaveTextContent(
    `/stream-proxy/api/streams/${RID}/branches/master/jsonRecords`,
  );
});

test("what an application lacks is said at its step", async () => {
  const lacking = { grantTypes: ["REFRESH_TOKEN"], operations: ["api:use-streams-read"] };
  const server = withApplication(pushServer(), lacking, [grant("viewer")]);
  const { user } = await renderAt(`/streams/${RID}/push/python`, server);

  await user.click(screen.getByRole("textbox", { name: "Client ID" }));
  await user.paste(CLIENT_ID);

  expect(await screen.findByText("Enable it on the application’s page and save.")).toBeVisible();
  expect(screen.getByText(/Its operations are restricted/)).toBeVisible();
  expect(await screen.findByText("It has access, but needs the role Editor.")).toBeVisible();
});

test("who may only read the stream is told whom to ask", async () => {
  const server = pushServer().on("GET", `/api/v1/filesystem/resources/${RID}/ownRole`, {
    roleId: "viewer",
  });
  await renderAt(`/streams/${RID}/push/curl`, server);

  expect(screen.getByText(/^You may read this stream, not push to it/)).toBeVisible();
  expect(screen.getByText(/^Ask an editor or owner of this stream to share it/)).toBeVisible();
  expect(screen.queryByRole("button", { name: "Share" })).not.toBeInTheDocument();
});

test("a personal token is made on the spot and put into the code", async () => {
  const server = pushServer();

  await codeAt("python", server);

  const token = within(screen.getByRole("region", { name: "Get a token" }));
  expect(token.getByText(/access_token = "swp_token"/)).toBeInTheDocument();
  expect(server.calls("POST", NEW_TOKEN)).toMatchObject([
    { name: "Push data: sensors", secondsToLive: 3600 },
  ]);
});

test("records are pushed from the page, and read back", async () => {
  const server = pushServer();
  const stored: unknown[] = [];
  server.on("POST", PUBLISH, (_: Request, body: { records: unknown[] }) => {
    stored.push(...body.records);
    return undefined;
  });
  server.on("GET", NEWEST, () => ({ records: stored.map((value) => ({ value })) }));
  const { user } = await codeAt("curl", server);

  const card = within(screen.getByRole("region", { name: "Test with JSON" }));
  await card.findByRole("textbox", { name: "JSON records" });
  await user.click(card.getByRole("button", { name: "Push" }));

  expect(await card.findByText("1 record pushed and stored")).toBeVisible();
  expect(await screen.findByText('{"sensor_id":"sample","temperature":1.5}')).toBeVisible();
  expect(screen.getByRole("link", { name: "View the stream" })).toBeVisible();
});

test("records that the server refuses are said at their field", async () => {
  const server = pushServer();
  server.on(
    "POST",
    PUBLISH,
    refusal(400, "RecordDoesNotMatchStreamSchema", "one does not match", {
      invalidRecords: [
        { index: 0, path: "temperature", expected: "double: a number", found: '"hot"' },
      ],
    }),
  );
  const { user } = await codeAt("java", server);

  const card = within(screen.getByRole("region", { name: "Test with JSON" }));
  await card.findByRole("textbox", { name: "JSON records" });
  await user.click(card.getByRole("button", { name: "Push" }));

  expect(
    await card.findByText('temperature: expected double: a number, found "hot"'),
  ).toBeVisible();
  expect(card.getByRole("textbox", { name: "JSON records" })).toBeInvalid();
});

test("start pipelining says what there is today", async () => {
  const { user } = await codeAt("curl", pushServer());

  await user.click(screen.getByRole("button", { name: "Start pipelining" }));

  expect(await screen.findByText(/do not exist yet/)).toBeVisible();
});

test("a language that there is none of is not found", async () => {
  await renderAt(`/streams/${RID}/push/cobol`, pushServer());

  expect(await screen.findByText("There is no page at this address")).toBeVisible();
});
