import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { usedIconsOnly } from "./scripts/icons.ts";
import { precompress } from "./scripts/precompress.ts";

const server = process.env.SLUICEWAY_URL ?? "http://127.0.0.1:8080";
const calls = ["/api", "/multipass", "/stream-proxy", "/.well-known", "/healthz", "/readyz"];

const proxy = Object.fromEntries(calls.map((path) => [path, server]));

/** What the server sends with its pages, so that `npm run preview` shows what it forbids. */
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
  "font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

export default defineConfig({
  plugins: [react(), usedIconsOnly(), precompress()],
  resolve: { alias: { "@": fileURLToPath(new URL("src", import.meta.url)) } },
  server: { proxy },
  preview: { proxy, headers: { "Content-Security-Policy": policy } },
  build: {
    target: "es2023",
    manifest: true,
    // Nothing is inlined: the page's content security policy takes fonts and styles from files only.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
  test: {
    environment: "jsdom",
    setupFiles: ["src/testing/setup.ts"],
    include: ["src/**/*.test.{ts,tsx}"],
    restoreMocks: true,
    unstubGlobals: true,
    css: false,
    // One file after another in one window: to make a new one and load React and Blueprint into it
    // takes longer than the tests.
    isolate: false,
    // Whole pages are drawn: a busy machine takes its time.
    testTimeout: 60_000,
  },
});
