import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import type { Plugin } from "vite";

const COMPRESSIBLE = /\.(?:js|css|html|svg|json|txt)$/;
const SMALLEST_BYTES = 512;
/** Where the manifest goes: `scripts/size.mjs` reads it, the server has no use for it. */
const KEPT = "node_modules/.cache/sluiceway";

/** Writes a `.br` and a `.gz` beside every file of the build that gets smaller by it. */
export function precompress(): Plugin {
  let folder = "dist";
  return {
    name: "precompress",
    apply: "build",
    configResolved(config) {
      folder = config.build.outDir;
    },
    async closeBundle() {
      await mkdir(KEPT, { recursive: true });
      await rename(join(folder, ".vite/manifest.json"), join(KEPT, "manifest.json"));
      await rm(join(folder, ".vite"), { recursive: true });
      for (const name of await readdir(folder, { recursive: true })) {
        if (COMPRESSIBLE.test(name)) await compress(join(folder, name));
      }
    },
  };
}

async function compress(path: string): Promise<void> {
  const content = await readFile(path);
  if (content.length < SMALLEST_BYTES) return;
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11 };
  const forms = {
    br: brotliCompressSync(content, { params }),
    gz: gzipSync(content, { level: 9 }),
  };
  for (const [suffix, form] of Object.entries(forms)) {
    if (form.length < content.length) await writeFile(`${path}.${suffix}`, form);
  }
}
