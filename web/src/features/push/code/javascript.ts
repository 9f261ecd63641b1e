import { type Generator, pushUrl, recordsJson, SCOPE, tokenUrl, wrapped } from "./program";

/** For Node 18 and later, with its own `fetch`. */
export const javascript: Generator = (target, credentials) => ({
  token: `${HEAD}
${
  "token" in credentials
    ? `const accessToken = ${JSON.stringify(credentials.token)};\n`
    : `const reply = await send(${JSON.stringify(tokenUrl(target))}, {
  method: "POST",
  body: new URLSearchParams(${object({
    grant_type: "client_credentials",
    client_id: credentials.clientId,
    client_secret: credentials.clientSecret,
    scope: SCOPE,
  })}),
});
const accessToken = (await reply.json()).access_token;
`
}`,
  push: `const records = ${recordsJson(wrapped(target))};

await send(${JSON.stringify(pushUrl(target))}, {
  method: "POST",
  headers: {
    Authorization: \`Bearer \${accessToken}\`,
    "Content-Type": "application/json",
  },
  body: JSON.stringify(records),
});
console.log(\`Records pushed: \${records.length}\`);
`,
});

const HEAD = `async function send(url, request) {
  const response = await fetch(url, request);
  if (!response.ok) throw new Error(\`\${response.status} \${await response.text()}\`);
  return response;
}
`;

function object(values: Record<string, string>): string {
  const entries = Object.entries(values).map(
    ([name, value]) => `    ${name}: ${JSON.stringify(value)},\n`,
  );
  return `{\n${entries.join("")}  }`;
}
