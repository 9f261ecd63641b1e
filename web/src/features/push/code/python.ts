import { type Generator, pushUrl, SCOPE, tokenUrl, wrapped } from "./program";
import { pythonLiteral } from "./python-literal";

/** For Python 3, with nothing but its standard library. */
export const python: Generator = (target, credentials) => ({
  token: `${HEAD}
${
  "token" in credentials
    ? `access_token = ${pythonLiteral(credentials.token)}\n`
    : `form = ${pythonLiteral({
        grant_type: "client_credentials",
        client_id: credentials.clientId,
        client_secret: credentials.clientSecret,
        scope: SCOPE,
      })}
reply = send(urllib.request.Request(
    ${pythonLiteral(tokenUrl(target))},
    data=urllib.parse.urlencode(form).encode(),
))
access_token = json.loads(reply)["access_token"]
`
}`,
  push: `records = ${pythonLiteral(wrapped(target))}

send(urllib.request.Request(
    ${pythonLiteral(pushUrl(target))},
    data=json.dumps(records).encode(),
    headers={
        "Authorization": "Bearer " + access_token,
        "Content-Type": "application/json",
    },
))
print("Records pushed:", len(records))
`,
});

const HEAD = `import json
import sys
import urllib.error
import urllib.parse
import urllib.request


def send(request):
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return response.read()
    except urllib.error.HTTPError as error:
        sys.exit(f"{error.code} {error.read().decode()}")

`;
