// Prints, as JSON, the programs that the page "Push data" shows: {language: {token, push}}.
//   node scripts/generate-code.mjs '{"url": …, "datasetRid": …, "branch": …, "records": […],
//                                    "clientId": …, "clientSecret": …}'     or with "token"
import { runnerImport } from "vite";

const { clientId, clientSecret, token, ...target } = JSON.parse(process.argv[2]);
const { module } = await runnerImport(
  new URL("../src/features/push/code/programs.ts", import.meta.url).pathname,
  { configFile: false, logLevel: "silent" },
);
const credentials = token === undefined ? { clientId, clientSecret } : { token };

process.stdout.write(JSON.stringify(module.programs(target, credentials)));
