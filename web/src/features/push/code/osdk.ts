import { type Generator, recordsJson, SCOPE } from "./program";

/** For Palantir's own TypeScript packages, `@osdk/foundry.streams` and its companions. */
export const osdk: Generator = (target, credentials) => {
  const url = JSON.stringify(target.url);
  return {
    token:
      "token" in credentials
        ? `const accessToken = async () => ${JSON.stringify(credentials.token)};\n`
        : `import { createConfidentialOauthClient } from "@osdk/oauth";

const accessToken = createConfidentialOauthClient(
  ${JSON.stringify(credentials.clientId)},
  ${JSON.stringify(credentials.clientSecret)},
  ${url},
  [${JSON.stringify(SCOPE)}],
);
`,
    push: `import { createPlatformClient } from "@osdk/client";
import { Streams } from "@osdk/foundry.streams";

const client = createPlatformClient(${url}, accessToken);
const records = ${recordsJson(target.records)};

await Streams.publishRecords(
  client,
  ${JSON.stringify(target.datasetRid)},
  ${JSON.stringify(target.branch)},
  { records },
);
console.log(\`Records pushed: \${records.length}\`);
`,
  };
};
