import type { Application, ApplicationBody } from "./use-applications";

/** An application as it stands in the form. */
export interface Draft {
  isPublic: boolean;
  name: string;
  description: string;
  /** Whether it may act for itself. */
  clientCredentials: boolean;
  /** Whether it may act for people who agree. */
  authorizationCode: boolean;
  redirectUris: string[];
  isRestricted: boolean;
  operations: string[];
}

export interface DraftProps {
  draft: Draft;
  onChange: (part: Partial<Draft>) => void;
}

/** Give the form's first state. */
export function draftOf(application: Application): Draft {
  return {
    isPublic: application.clientType === "PUBLIC",
    name: application.displayName,
    description: application.description ?? "",
    clientCredentials: application.grantTypes.includes("CLIENT_CREDENTIALS"),
    authorizationCode: application.grantTypes.includes("AUTHORIZATION_CODE"),
    redirectUris: application.redirectUris,
    isRestricted: application.operations !== null,
    operations: application.operations ?? [],
  };
}

/** Say what stands against saving; nothing if it may be saved. */
export function problemOf(draft: Draft): string | undefined {
  if (draft.name.trim() === "") return "Give it a name";
  if (draft.isRestricted && draft.operations.length === 0) return "Choose at least one operation";
  if (draft.authorizationCode && kept(draft.redirectUris).length === 0) return "Add a redirect URL";
  return undefined;
}

/** Give what is sent to keep *draft*. */
export function bodyOf(application: Application, draft: Draft): ApplicationBody {
  const grantTypes: ApplicationBody["grantTypes"] = [];
  if (draft.clientCredentials) grantTypes.push("CLIENT_CREDENTIALS");
  if (draft.authorizationCode) grantTypes.push("AUTHORIZATION_CODE", "REFRESH_TOKEN");
  return {
    clientType: application.clientType,
    displayName: draft.name.trim(),
    description: draft.description.trim() || null,
    grantTypes,
    redirectUris: kept(draft.redirectUris),
    operations: draft.isRestricted ? draft.operations : null,
  };
}

function kept(uris: readonly string[]): string[] {
  return [...new Set(uris.map((uri) => uri.trim()).filter((uri) => uri !== ""))];
}
