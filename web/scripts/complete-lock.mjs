/*
 * Writes into the lock file what npm leaves out when it cannot look a package up: optional
 * packages of other platforms. Without them `npm ci` takes the lock file for stale. Run it after
 * `npm install`.
 */
import { readFileSync, writeFileSync } from "node:fs";

const path = new URL("../package-lock.json", import.meta.url);
const lock = JSON.parse(readFileSync(path, "utf8"));
const systems = { win32: "win32", darwin: "darwin", linux: "linux", android: "android" };

for (const [parent, entry] of Object.entries(lock.packages)) {
  delete entry.resolved;
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const nested = lock.packages[`${parent}/node_modules/${name}`];
    if (nested !== undefined || lock.packages[`node_modules/${name}`] !== undefined) continue;
    const parts = name.split("/").at(-1).split("-");
    const system = parts.find((part) => part in systems);
    const processor = parts.find((part) => ["x64", "arm64"].includes(part));
    if (system === undefined || processor === undefined) {
      throw new Error(`cannot tell the platform of ${name}`);
    }
    lock.packages[`node_modules/${name}`] = {
      version,
      cpu: [processor],
      ...(entry.dev ? { dev: true } : {}),
      ...(parts.includes("musl") ? { libc: ["musl"] } : {}),
      optional: true,
      os: [system],
    };
  }
}

lock.packages = Object.fromEntries(
  Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)),
);
writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);
