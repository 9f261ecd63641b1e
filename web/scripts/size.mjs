// Fails when the first load (entry, styles, font, shell and one route) is over its budget.
import { readFile, stat } from "node:fs/promises";

const BUDGET_BYTES = 350_000;
const FIRST_ROUTES = ["src/routes/sign-in.tsx", "src/routes/projects.tsx"];

const manifest = JSON.parse(await readFile("node_modules/.cache/sluiceway/manifest.json", "utf8"));

function filesOf(key, found = new Set()) {
  const chunk = manifest[key];
  if (chunk === undefined) throw new Error(`the build has no ${key}`);
  if (found.has(chunk.file)) return found;
  found.add(chunk.file);
  for (const file of [...(chunk.css ?? []), ...(chunk.assets ?? [])]) found.add(file);
  for (const imported of chunk.imports ?? []) filesOf(imported, found);
  return found;
}

/** Browsers load the font's other alphabets only for pages that have such letters. */
const isOtherAlphabet = (file) => file.endsWith(".woff2") && !file.includes("-latin-wght");

async function sentBytes(file) {
  const sizes = await Promise.all(
    [`dist/${file}.br`, `dist/${file}`].map((path) => stat(path).catch(() => undefined)),
  );
  return sizes.find((size) => size !== undefined).size;
}

let isOver = false;
for (const route of FIRST_ROUTES) {
  const files = [...filesOf("index.html"), ...filesOf(route)];
  let total = 0;
  for (const file of new Set(files)) if (!isOtherAlphabet(file)) total += await sentBytes(file);
  isOver ||= total > BUDGET_BYTES;
  console.log(`${route}: ${(total / 1000).toFixed(1)} kB of ${BUDGET_BYTES / 1000} kB, brotli`);
}
if (process.argv.includes("--all")) {
  const all = new Set(Object.values(manifest).map((chunk) => chunk.file));
  for (const file of all) console.log(`${((await sentBytes(file)) / 1000).toFixed(1)}\t${file}`);
}
process.exitCode = isOver ? 1 : 0;
