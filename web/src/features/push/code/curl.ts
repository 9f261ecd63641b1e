import { type Generator, pushUrl, recordsJson, SCOPE, tokenUrl, wrapped } from "./program";

/** For a POSIX shell with curl and jq; the first piece leaves the token in `$ACCESS_TOKEN`. */
export const curl: Generator = (target, credentials) => ({
  token:
    "token" in credentials
      ? `export ACCESS_TOKEN=${quoted(credentials.token)}\n`
      : lines(
          `export ACCESS_TOKEN=$(curl --silent --show-error ${quoted(tokenUrl(target))}`,
          `  --data-urlencode 'grant_type=client_credentials'`,
          `  --data-urlencode ${quoted(`client_id=${credentials.clientId}`)}`,
          `  --data-urlencode ${quoted(`client_secret=${credentials.clientSecret}`)}`,
          `  --data-urlencode ${quoted(`scope=${SCOPE}`)}`,
          `  | jq --raw-output '.access_token // error(.error_description // .error)')`,
        ),
  push: lines(
    `curl --fail-with-body --silent --show-error ${quoted(pushUrl(target))}`,
    `  --header "Authorization: Bearer $ACCESS_TOKEN"`,
    `  --header 'Content-Type: application/json'`,
    `  --data ${quoted(recordsJson(wrapped(target)))}`,
  ),
});

/** One word of the shell in which nothing has a meaning. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** One command over several lines. */
function lines(...parts: string[]): string {
  return `${parts.join(" \\\n")}\n`;
}
