import { type Generator, SCOPE } from "./program";
import { pythonLiteral } from "./python-literal";

/** For Palantir's own Python client, `foundry-platform-sdk`. */
export const foundrySdk: Generator = (target, credentials) => {
  const { protocol, host } = new URL(target.url);
  const isPlain = protocol === "http:";
  const auth = "token" in credentials ? "UserTokenAuth" : "ConfidentialClientAuth";
  const names = [...(isPlain ? ["Config"] : []), "FoundryClient", auth].sort();
  return {
    token: `from foundry_sdk import ${names.join(", ")}

${
  "token" in credentials
    ? `auth = UserTokenAuth(${pythonLiteral(credentials.token)})\n`
    : `auth = ConfidentialClientAuth(
    client_id=${pythonLiteral(credentials.clientId)},
    client_secret=${pythonLiteral(credentials.clientSecret)},
    scopes=[${pythonLiteral(SCOPE)}],
    should_refresh=False,
)
`
}`,
    push: `client = FoundryClient(
    auth=auth,
    hostname=${pythonLiteral(host)},
${isPlain ? `    config=Config(scheme="http"),\n` : ""})
records = ${pythonLiteral(target.records)}

client.streams.Dataset.Stream.publish_records(
    dataset_rid=${pythonLiteral(target.datasetRid)},
    stream_branch_name=${pythonLiteral(target.branch)},
    records=records,
)
print("Records pushed:", len(records))
`,
  };
};
