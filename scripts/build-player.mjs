// `livemesh/player` for other people's pages: ES modules for their bundlers, and one script that has
// everything in it. `npm run build` runs this after the pages.
import { copyFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";
import { compressedCopies } from "./compressed-copies.mjs";
import { withoutUnusedProtocol } from "./pure-protocol.mjs";
import { slimSimplePeer } from "./slim-simple-peer.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const outDir = join(root, "dist/player");
const ONE_FILE = "livemesh-player.min.js";

const shared = {
  configFile: false,
  root: join(root, "web"),
  logLevel: "warn",
  resolve: {
    alias: { "zod/mini": join(root, "web/src/schemas/small-zod.ts") },
    conditions: ["livemesh-source", "module", "browser", "production"],
  },
};

/** `z.something` that the stand-in for zod lacks would be a player that does not start. */
function onLog(level, log, handle) {
  if (log.code === "IMPORT_IS_UNDEFINED") throw new Error(log.message);
  handle(level, log);
}

await build({
  ...shared,
  base: "./",
  plugins: [slimSimplePeer()],
  build: {
    outDir,
    emptyOutDir: true,
    target: "es2022",
    sourcemap: true,
    // Addresses in pages of others are theirs; what is needed is loaded by the modules themselves.
    modulePreload: false,
    // For `npm run size`.
    manifest: "manifest.json",
    rolldownOptions: {
      onLog,
      treeshake: withoutUnusedProtocol,
      input: { "livemesh-player": join(root, "web/src/index.ts") },
      // What is there from the start may be used by what is loaded later, without files in between.
      preserveEntrySignatures: "allow-extension",
      output: { entryFileNames: "[name].js", chunkFileNames: "[name]-[hash].js" },
    },
  },
});

await build({
  ...shared,
  plugins: [slimSimplePeer(), compressedCopies()],
  build: {
    outDir,
    emptyOutDir: false,
    target: "es2022",
    sourcemap: true,
    rolldownOptions: { treeshake: withoutUnusedProtocol },
    lib: {
      entry: join(root, "web/src/index.ts"),
      formats: ["iife"],
      name: "livemesh",
      fileName: () => ONE_FILE,
    },
  },
});

// Served by every tracker as well.
for (const name of await readdir(outDir)) {
  if (name.startsWith(ONE_FILE)) await copyFile(join(outDir, name), join(root, "dist/web", name));
}
