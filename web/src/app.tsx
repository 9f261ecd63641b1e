import { type QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { type RouterHistory, RouterProvider } from "@tanstack/react-router";
import { Notices } from "@/components/notices";
import { type Api, ApiProvider, createApi } from "@/lib/api";
import { createQueryClient } from "@/lib/queries";
import { endSession } from "@/lib/session";
import { createPagesRouter } from "./router";

interface Parts {
  api: Api;
  queries: QueryClient;
  router: ReturnType<typeof createPagesRouter>;
}

/** Put the parts of the pages together; *send* is the browser's `fetch`, or a test's. */
export function createParts(send: typeof fetch, history?: RouterHistory): Parts {
  const api = createApi(send);
  const queries = createQueryClient();
  const router = createPagesRouter({ api, queries }, history);
  api.connection.onSignedOut = () => {
    if (endSession(api, queries)) void router.invalidate();
  };
  return { api, queries, router };
}

/** The whole of the pages. */
export function App({ api, queries, router }: Parts) {
  return (
    <ApiProvider value={api}>
      <QueryClientProvider client={queries}>
        <Notices>
          <RouterProvider router={router} />
        </Notices>
      </QueryClientProvider>
    </ApiProvider>
  );
}
