import type { UseQueryResult } from "@tanstack/react-query";
import type { Schema } from "@/lib/api";
import type { TokenTrial } from "./token-trial";

const SCOPES = new Set(["api:use-streams-write", "api:streams-write"]);

/** What is known of an application: nothing if there is none, `hidden` if one may not see it. */
export type Known = Schema<"ApplicationReply"> | "hidden" | null;

/** Whether something is so: `unknown` where this person may not know. */
export type CheckState = "waiting" | "checking" | "done" | "missing" | "unknown";

export interface Check {
  state: CheckState;
  /** What is missing. */
  hint?: string;
}

export interface Checks {
  exists: Check;
  secret: Check;
  grant: Check;
  scope: Check;
  shared: Check;
}

/** Whether each check is done. */
export function areDone(checks: Checks): boolean {
  return Object.values(checks).every((check: Check) => check.state === "done");
}

/** Whether there is such an application, and it is enabled. */
export function existence(
  clientId: string,
  isClientId: boolean,
  application: UseQueryResult<Known>,
  trial: TokenTrial | undefined,
  shared: Check | undefined,
): Check {
  if (clientId === "") return { state: "waiting" };
  if (!isClientId) return missing("A client ID is 32 digits and letters from a to f.");
  if (application.isPending) return { state: "checking" };
  if (application.data === null) return missing("There is no application with this client ID.");
  if (application.data === "hidden") {
    const isKnown = trial === "works" || trial === "no-grant" || shared?.state === "done";
    return { state: isKnown ? "done" : "unknown" };
  }
  if (application.isError) return { state: "unknown" };
  return application.data.enabled ? { state: "done" } : missing("The application is disabled.");
}

/** Whether the secret is that of the application. */
export function secretCheck(
  secret: string,
  isSecret: boolean,
  trial: UseQueryResult<TokenTrial>,
): Check {
  if (secret === "") return { state: "waiting" };
  if (!isSecret) return missing("A client secret is longer than this.");
  if (trial.data === "wrong")
    return missing("The client ID and the secret do not belong together.");
  if (trial.data === "works" || trial.data === "no-scope" || trial.data === "no-grant") {
    return { state: "done" };
  }
  if (trial.isFetching) return { state: "checking" };
  return { state: trial.data === undefined ? "waiting" : "unknown" };
}

/** Whether the application may get tokens for itself. */
export function grantCheck(
  isClientId: boolean,
  application: Known | undefined,
  trial: TokenTrial | undefined,
): Check {
  if (!isClientId || application === null) return { state: "waiting" };
  if (application === undefined) return { state: "checking" };
  const isEnabled =
    application === "hidden"
      ? trialSays(trial, "no-grant")
      : application.grantTypes.includes("CLIENT_CREDENTIALS");
  if (isEnabled === undefined) return { state: "unknown" };
  return isEnabled
    ? { state: "done" }
    : missing("Enable the client credentials grant on the application's page and save.");
}

/** Whether its tokens may write to streams. */
export function scopeCheck(
  isClientId: boolean,
  application: Known | undefined,
  trial: TokenTrial | undefined,
): Check {
  if (!isClientId || application === null) return { state: "waiting" };
  if (application === undefined) return { state: "checking" };
  const isAllowed =
    application === "hidden"
      ? trialSays(trial, "no-scope")
      : (application.operations?.some((scope) => SCOPES.has(scope)) ?? true);
  if (isAllowed === undefined) return { state: "unknown" };
  return isAllowed
    ? { state: "done" }
    : missing("Allow api:use-streams-write, or lift its limits.");
}

/** What a trial says of one of its possible faults; nothing if it did not come that far. */
function trialSays(trial: TokenTrial | undefined, fault: TokenTrial): boolean | undefined {
  if (trial === "works") return true;
  return trial === fault ? false : undefined;
}

/** A check that says what is missing. */
export function missing(hint: string): Check {
  return { state: "missing", hint };
}
