import type { Schema } from "@/lib/api";
import type { TokenTrial } from "./token-trial";

/** Whether something is so: `unknown` where this person may not know. */
export type CheckState = "waiting" | "checking" | "done" | "missing" | "unknown";

export interface Check {
  state: CheckState;
  /** What is missing, or what it waits for. */
  hint?: string;
}

/** The checks of the steps to a working program. */
export interface Checks {
  exists: Check;
  secret: Check;
  grant: Check;
  scope: Check;
  shared: Check;
}

/** What is known so far; `undefined` is what is still being asked. */
export interface Facts {
  clientId: string;
  clientSecret: string;
  /** `null` if there is none, `hidden` to who is no administrator. */
  application: Schema<"ApplicationReply"> | "hidden" | null | undefined;
  /** What came of asking for a token. */
  trial: TokenTrial | undefined;
  /** `no-user` if nothing has the client id as its name. */
  access: "no-user" | "none" | "weak" | "pushes" | undefined;
}

const CLIENT_ID = /^[0-9a-f]{32}$/;
const SECRET_LENGTH_MIN = 40;
const SCOPES = new Set(["api:use-streams-write", "api:streams-write"]);

/** Whether that could be a client id at all. */
export function isClientId(text: string): boolean {
  return CLIENT_ID.test(text);
}

/** Judge every step by what is known. */
export function checksOf(facts: Facts): Checks {
  if (!isClientId(facts.clientId)) {
    const waiting: Check = { state: "waiting" };
    const exists =
      facts.clientId === ""
        ? waiting
        : missing("A client ID has 32 characters: digits, and letters from a to f.");
    return { exists, secret: waiting, grant: waiting, scope: waiting, shared: waiting };
  }
  return {
    exists: existence(facts),
    secret: secretCheck(facts),
    grant: grantCheck(facts),
    scope: scopeCheck(facts),
    shared: sharedCheck(facts),
  };
}

/** Whether each check is done. */
export function areDone(checks: Checks): boolean {
  return Object.values(checks).every((check: Check) => check.state === "done");
}

/** Whether asking for a token can tell more: before, the answer is known to be no. */
export function isTriable(facts: Omit<Facts, "trial">): boolean {
  const { clientSecret, application, access } = facts;
  if (clientSecret.length < SECRET_LENGTH_MIN || application == null) return false;
  if (application === "hidden") return access !== undefined && access !== "no-user";
  return application.enabled && hasGrant(application) && hasScope(application);
}

function existence({ application, access }: Facts): Check {
  if (application === undefined) return { state: "checking" };
  if (application === null) return missing("There is no application with this client ID.");
  if (application !== "hidden") {
    return application.enabled ? { state: "done" } : missing("The application is disabled.");
  }
  if (access === undefined) return { state: "checking" };
  return { state: access === "no-user" ? "unknown" : "done" };
}

function secretCheck(facts: Facts): Check {
  const { clientSecret, trial } = facts;
  if (clientSecret === "") return { state: "waiting" };
  if (clientSecret.length < SECRET_LENGTH_MIN) return missing("A client secret is longer.");
  if (trial === "wrong") return missing("It is not the secret of this application.");
  if (trial === "works" || trial === "no-scope" || trial === "no-grant") return { state: "done" };
  if (trial === "busy") return { state: "unknown" };
  return isTriable(facts)
    ? { state: "checking" }
    : { state: "waiting", hint: "This can be told once the application is configured." };
}

function grantCheck({ application, trial }: Facts): Check {
  if (application === undefined) return { state: "checking" };
  if (application === null) return { state: "waiting" };
  const isEnabled = application === "hidden" ? says(trial, "no-grant") : hasGrant(application);
  if (isEnabled === undefined) return { state: "unknown" };
  return isEnabled ? { state: "done" } : missing("Enable it on the application’s page and save.");
}

function scopeCheck({ application, trial }: Facts): Check {
  if (application === undefined) return { state: "checking" };
  if (application === null) return { state: "waiting" };
  const isAllowed = application === "hidden" ? says(trial, "no-scope") : hasScope(application);
  if (isAllowed === undefined) return { state: "unknown" };
  return isAllowed
    ? { state: "done" }
    : missing("Its operations are restricted: add api:use-streams-write and save.");
}

function sharedCheck({ access }: Facts): Check {
  switch (access) {
    case undefined:
      return { state: "checking" };
    case "pushes":
      return { state: "done" };
    case "no-user":
      return missing("It can be shared once the client credentials grant is enabled.");
    case "weak":
      return missing("It has access, but needs the role Editor.");
    default:
      return missing("It has no role on the stream yet.");
  }
}

/** What a trial says of one of its possible faults; nothing if it did not come that far. */
function says(trial: TokenTrial | undefined, fault: TokenTrial): boolean | undefined {
  if (trial === "works") return true;
  return trial === fault ? false : undefined;
}

function hasGrant(application: Schema<"ApplicationReply">): boolean {
  return application.grantTypes.includes("CLIENT_CREDENTIALS");
}

function hasScope(application: Schema<"ApplicationReply">): boolean {
  return application.operations?.some((scope) => SCOPES.has(scope)) ?? true;
}

function missing(hint: string): Check {
  return { state: "missing", hint };
}
