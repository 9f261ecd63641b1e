import type { QueryClient } from "@tanstack/react-query";
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  parseSearchWith,
  type RouterHistory,
  redirect,
  stringifySearchWith,
} from "@tanstack/react-router";
import type { ComponentType } from "react";
import { Loading } from "@/components/loading";
import { PageError } from "@/components/page-error";
import { Shell } from "@/features/shell/shell";
import type { Api } from "@/lib/api";
import { forgetAnswers, isOfServer, safeNext, sessionQuery } from "@/lib/session";
import { NotFoundPage } from "@/routes/not-found";

interface RouterContext {
  api: Api;
  queries: QueryClient;
}

interface Visit {
  context: RouterContext;
  location: { href: string };
}

/** A page that is loaded when it is first opened: the default export of its file. */
function page(load: () => Promise<{ default: ComponentType }>) {
  return lazyRouteComponent(load);
}

/** A search parameter as the text that it was; a list counts as not given. */
function text(value: unknown): string | undefined {
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return typeof value === "string" ? value : undefined;
}

const root = createRootRouteWithContext<RouterContext>()({
  component: Outlet,
  notFoundComponent: NotFoundPage,
});

const signIn = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  validateSearch: (search): { next?: string | undefined } => ({ next: text(search.next) }),
  beforeLoad: async ({ context: { api, queries }, search }) => {
    const session = await queries.ensureQueryData(sessionQuery(api));
    const href = safeNext(search.next);
    if (session !== null) throw redirect({ href, reloadDocument: isOfServer(href) });
  },
  onEnter: ({ context: { api, queries } }) => forgetAnswers(api, queries),
  component: page(() => import("@/routes/sign-in")),
});

/** Lead to the sign-in page, and back, who is not signed in. */
async function requireSession({ context: { api, queries }, location }: Visit): Promise<void> {
  const session = await queries.ensureQueryData(sessionQuery(api));
  if (session !== null) return;
  const next = location.href === "/" ? undefined : location.href;
  throw redirect({ to: "/sign-in", search: next === undefined ? {} : { next } });
}

/** Everything below it is for people who are signed in, and stands in the shell. */
const shell = createRoute({
  getParentRoute: () => root,
  id: "shell",
  beforeLoad: requireSession,
  component: Shell,
});

/** An application asks to act for who is signed in; its question stands alone on the page. */
const consent = createRoute({
  getParentRoute: () => root,
  path: "/authorize",
  beforeLoad: requireSession,
  component: page(() => import("@/routes/consent")),
});

const home = createRoute({
  getParentRoute: () => shell,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/projects", replace: true });
  },
});

const projects = createRoute({
  getParentRoute: () => shell,
  path: "/projects",
  component: page(() => import("@/routes/projects")),
});

const folder = createRoute({
  getParentRoute: () => shell,
  path: "/projects/$rid",
  component: page(() => import("@/routes/folder")),
});

const trash = createRoute({
  getParentRoute: () => shell,
  path: "/trash",
  component: page(() => import("@/routes/trash")),
});

const stream = createRoute({
  getParentRoute: () => shell,
  path: "/streams/$rid",
  validateSearch: (
    search,
  ): {
    branch?: string | undefined;
    tab?: string | undefined;
    sort?: string | undefined;
    filter?: string | undefined;
    rows?: string | undefined;
  } => ({
    branch: text(search.branch),
    tab: text(search.tab),
    sort: text(search.sort),
    filter: text(search.filter),
    rows: text(search.rows),
  }),
  component: page(() => import("@/routes/stream")),
});

const newStream = createRoute({
  getParentRoute: () => shell,
  path: "/new-stream",
  validateSearch: (search): { folder?: string | undefined } => ({ folder: text(search.folder) }),
  component: page(() => import("@/routes/new-stream")),
});

const dataset = createRoute({
  getParentRoute: () => shell,
  path: "/datasets/$rid",
  validateSearch: (search): { branch?: string | undefined; tab?: string | undefined } => ({
    branch: text(search.branch),
    tab: text(search.tab),
  }),
  component: page(() => import("@/routes/dataset")),
});

const sql = createRoute({
  getParentRoute: () => shell,
  path: "/sql",
  validateSearch: (search): { q?: string | undefined } => ({ q: text(search.q) }),
  component: page(() => import("@/routes/sql")),
});

const connect = createRoute({
  getParentRoute: () => shell,
  path: "/streams/$rid/connect",
  validateSearch: (search): { branch?: string | undefined } => ({ branch: text(search.branch) }),
  component: page(() => import("@/routes/connect")),
});

const pushData = createRoute({
  getParentRoute: () => shell,
  path: "/streams/$rid/push/$language",
  validateSearch: (search): { branch?: string | undefined } => ({ branch: text(search.branch) }),
  component: page(() => import("@/routes/push-data")),
});

const applications = createRoute({
  getParentRoute: () => shell,
  path: "/settings/applications",
  component: page(() => import("@/routes/applications")),
});

const application = createRoute({
  getParentRoute: () => shell,
  path: "/settings/applications/$clientId",
  component: page(() => import("@/routes/application")),
});

const tokens = createRoute({
  getParentRoute: () => shell,
  path: "/settings/tokens",
  component: page(() => import("@/routes/tokens")),
});

const users = createRoute({
  getParentRoute: () => shell,
  path: "/settings/users",
  component: page(() => import("@/routes/users")),
});

/** Every other path; below the shell, so that the way elsewhere is there. */
const elsewhere = createRoute({
  getParentRoute: () => shell,
  path: "$",
  component: NotFoundPage,
});

const routeTree = root.addChildren([
  signIn,
  consent,
  shell.addChildren([
    home,
    projects,
    folder,
    trash,
    stream,
    dataset,
    sql,
    newStream,
    connect,
    pushData,
    applications,
    application,
    tokens,
    users,
    elsewhere,
  ]),
]);

/** Make the router: which page stands at which path. */
export function createPagesRouter(context: RouterContext, history?: RouterHistory) {
  return createRouter({
    routeTree,
    context,
    ...(history !== undefined && { history }),
    defaultPreload: "intent",
    defaultPendingComponent: () => <Loading what="the page" />,
    defaultErrorComponent: PageError,
    defaultNotFoundComponent: NotFoundPage,
    scrollRestoration: true,
    // Search parameters stay the texts that they are: an application's `state=1e5` is no number.
    parseSearch: parseSearchWith((value) => value),
    stringifySearch: stringifySearchWith(JSON.stringify),
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof createPagesRouter>;
  }
}
