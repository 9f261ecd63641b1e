import type { Api } from "./api";

type Method = "GET" | "POST" | "DELETE";

interface CallOptions {
  path?: Record<string, string>;
  query?: Record<string, unknown>;
  body?: unknown;
}

type PlainCall = (
  path: string,
  options: { params: Omit<CallOptions, "body">; body?: unknown },
) => Promise<{ data?: unknown }>;

/** Make a call that the typed client does not know, with the session and errors of all others. */
export async function plainCall<T>(
  api: Api,
  method: Method,
  path: string,
  { body, ...params }: CallOptions = {},
): Promise<T> {
  const call = api[method] as unknown as PlainCall;
  const { data } = await call(path, { params, ...(body !== undefined && { body }) });
  return data as T;
}
