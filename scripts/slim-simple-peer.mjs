import { fileURLToPath } from "node:url";

const here = (name) =>
  fileURLToPath(new URL(`../transport/src/browser/simple-peer/${name}`, import.meta.url));

/** What simple-peer requires of Node, and what we give it in a browser. */
const REPLACEMENTS = new Map([
  ["readable-stream", here("small-stream.cjs")],
  ["buffer", here("small-buffer.cjs")],
  ["randombytes", here("small-random.cjs")],
  ["debug", here("no-debug.cjs")],
]);

/** A Vite plugin: simple-peer from its source, without the Node it brings along (28 kB gzip with, 6 without). */
export function slimSimplePeer() {
  return {
    name: "livemesh-slim-simple-peer",
    enforce: "pre",
    resolveId(source, importer) {
      if (importer === undefined || !/[\\/]simple-peer[\\/]index\.js$/.test(importer)) return null;
      return REPLACEMENTS.get(source) ?? null;
    },
  };
}
