import type { QueryClient } from "@tanstack/react-query";
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  type RouterHistory,
  redirect,
} from "@tanstack/react-router";
import type { ComponentType } from "react";
import { Loading } from "@/components/loading";
import { PageError } from "@/components/page-error";
import { Shell } from "@/features/shell/shell";
import type { Api } from "@/lib/api";
import { forgetAnswers, safeNext, sessionQuery } from "@/lib/session";
import { NotFoundPage } from "@/routes/not-found";

interface RouterContext {
  api: Api;
  queries: QueryClient;
}

/** A page that is loaded when it is first opened: the default export of its file. */
function page(load: () => Promise<{ default: ComponentType }>) {
  return lazyRouteComponent(load);
}

/** A search parameter that is a text; anything else counts as not given. */
function text(value: unknown): string | undefined {
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
    if (session !== null) throw redirect({ href: safeNext(search.next) });
  },
  onEnter: ({ context: { api, queries } }) => forgetAnswers(api, queries),
  component: page(() => import("@/routes/sign-in")),
});

/** Everything below it is for people who are signed in, and stands in the shell. */
const shell = createRoute({
  getParentRoute: () => root,
  id: "shell",
  beforeLoad: async ({ context: { api, queries }, location }) => {
    const session = await queries.ensureQueryData(sessionQuery(api));
    if (session === null) {
      const next = location.href === "/" ? undefined : location.href;
      throw redirect({ to: "/sign-in", search: next === undefined ? {} : { next } });
    }
  },
  component: Shell,
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

/** Every other path; below the shell, so that the way elsewhere is there. */
const elsewhere = createRoute({
  getParentRoute: () => shell,
  path: "$",
  component: NotFoundPage,
});

const routeTree = root.addChildren([
  signIn,
  shell.addChildren([home, projects, folder, elsewhere]),
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
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof createPagesRouter>;
  }
}
