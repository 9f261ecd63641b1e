import type { ErrorBody } from "@/lib/errors";
import type { Session } from "@/lib/session";

/** What a fake server answers: a value as JSON with 200, nothing as 204, or a function of the request. */
type Answer = unknown | ((request: Request, body: unknown) => unknown);

interface Call {
  method: string;
  path: string;
  body: unknown;
  headers: Headers;
}

export const SESSION: Session = {
  user: { id: "00000000-0000-4000-8000-000000000001", username: "ada", isAdmin: false },
  csrfToken: "csrf-word",
  expiresAt: "2099-01-01T00:00:00Z",
};

const RESOURCES = "/api/v2/filesystem/resources";
const OWN_ROLE = /^GET \/api\/v1\/filesystem\/resources\/[^/]+\/ownRole$/;

/** A server at the network's edge: `server.fetch` stands in for the browser's `fetch`. */
export class FakeServer {
  readonly received: Call[] = [];
  /** Calls that no answer was given for. */
  readonly unexpected: string[] = [];
  readonly #answers = new Map<string, Answer>([
    [`POST ${RESOURCES}/getBatch`, (_: Request, body: unknown) => this.#resources(body)],
    // Everything belongs to who looks at it and is a stream, unless a test says otherwise.
    ["POST /api/v1/filesystem/resources/getOwnRoles", byRid("resourceRid", "owner")],
    ["POST /api/v1/datasets/getDescriptions", byRid("datasetRid", { isStreaming: true })],
  ]);

  /** Somebody has a session. */
  signedIn(user: Partial<Session["user"]> = {}): this {
    return this.on("GET", "/api/v1/session", { ...SESSION, user: { ...SESSION.user, ...user } });
  }

  /** Nobody has one. */
  signedOut(): this {
    return this.on("GET", "/api/v1/session", refusal(401, "Unauthorized"));
  }

  /** Answer from now on to that call; the path is as it is sent, without its query. */
  on(method: string, path: string, answer?: Answer): this {
    this.#answers.set(`${method} ${path}`, answer);
    return this;
  }

  /** Those of the resources that there is an answer for one by one. */
  #resources(body: unknown): unknown {
    const found = (body as { resourceRid: string }[]).flatMap(({ resourceRid }) => {
      const resource = this.#answers.get(`GET ${RESOURCES}/${resourceRid}`);
      return resource === undefined || resource instanceof Response
        ? []
        : [[resourceRid, resource]];
    });
    return { data: Object.fromEntries(found) };
  }

  /** The bodies of the calls of that kind, in order. */
  calls(method: string, path: string): unknown[] {
    return this.received
      .filter((call) => call.method === method && call.path === path)
      .map((call) => call.body);
  }

  readonly fetch = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    const request = new Request(input, init);
    const path = new URL(request.url).pathname;
    const text = await request.clone().text();
    const body: unknown = text === "" ? undefined : JSON.parse(text);
    this.received.push({ method: request.method, path, body, headers: request.headers });
    const key = `${request.method} ${path}`;
    if (!this.#answers.has(key)) {
      if (OWN_ROLE.test(key)) return Response.json({ roleId: "owner" });
      this.unexpected.push(key);
      return refusal(404, "NoSuchCall");
    }
    const answer = this.#answers.get(key);
    const value: unknown = typeof answer === "function" ? await answer(request, body) : answer;
    if (value instanceof Response) return value.clone();
    return value === undefined ? new Response(null, { status: 204 }) : Response.json(value);
  };
}

/** Answer to a batch call with the same for each of its resources. */
function byRid(field: string, value: unknown) {
  return (_: Request, body: unknown) => ({
    data: Object.fromEntries(
      (body as Record<string, string>[]).map((element) => [element[field], value]),
    ),
  });
}

/** The server's answer when it refuses. */
export function refusal(
  status: number,
  errorName: string,
  errorDescription = errorName,
  parameters: Record<string, unknown> = {},
): Response {
  const body: ErrorBody = {
    errorCode: "TEST",
    errorName,
    errorInstanceId: "11111111-1111-4111-8111-111111111111",
    errorDescription,
    parameters,
  };
  return Response.json(body, { status });
}
