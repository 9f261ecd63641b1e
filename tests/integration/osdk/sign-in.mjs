// Signs a person in with createPublicOauthClient, which is made for browsers, and prints, as JSON,
// what it gave.
//
// Called with one argument, JSON: {url, clientId, redirectUri, scopes, username, password}. The
// pages that a person would see are answered here, by the calls that they make.
import { createPublicOauthClient } from "@osdk/oauth";

const given = JSON.parse(process.argv[2]);

// As much of a browser's window as the package touches.
const kept = new Map();
globalThis.sessionStorage = {
  setItem: (name, value) => kept.set(name, value),
  getItem: (name) => kept.get(name) ?? null,
  removeItem: (name) => kept.delete(name),
};
let left;
const visit = (href) => {
  const url = new URL(href, given.redirectUri);
  globalThis.window = {
    location: {
      href: url.href,
      pathname: url.pathname,
      toString: () => url.href,
      assign: (target) => left?.(target),
    },
    history: { replaceState: () => {} },
  };
};
const open = () =>
  createPublicOauthClient(given.clientId, given.url, given.redirectUri, {
    scopes: given.scopes,
  });

visit("/start");
const leaving = new Promise((resolve) => (left = resolve));
open()
  .signIn()
  .catch(() => {}); // the page is left, which the package cannot know here
const asked = await leaving;

const callback = await agree(asked);
visit(callback);
const auth = open();
const token = await auth.signIn();
const me = await fetch(`${given.url}/multipass/api/me`, {
  headers: { Authorization: `Bearer ${token.access_token}` },
}).then((answer) => answer.json());
await auth.signOut();
const after = await fetch(`${given.url}/multipass/api/me`, {
  headers: { Authorization: `Bearer ${token.access_token}` },
});
process.stdout.write(JSON.stringify({ token, me, after: after.status }));
process.exit(0);

async function agree(url) {
  const session = await fetch(`${given.url}/api/v1/session`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ username: given.username, password: given.password }),
  });
  const cookie = session.headers.get("set-cookie").split(";")[0];
  const csrf = (await session.json()).csrfToken;
  const page = await fetch(url, { headers: { Cookie: cookie }, redirect: "manual" });
  const query = page.headers.get("location").split("?")[1];
  const decided = await fetch(`${given.url}/api/v1/authorizations/request`, {
    method: "POST",
    headers: { "Content-Type": "application/json", Cookie: cookie, "X-CSRF-Token": csrf },
    body: JSON.stringify({ query, decision: "approve" }),
  });
  return (await decided.json()).redirectTo;
}
