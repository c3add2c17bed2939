import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin } from "vite";
import { compressedCopies } from "./scripts/compressed-copies.mjs";
import { slimSimplePeer } from "./scripts/slim-simple-peer.mjs";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "web");
/** Where `livemesh serve` listens by default. */
const server = "http://127.0.0.1:8080";

/** As the tracker does: every `/watch/:streamId` is the same page. */
function watchPage(): Plugin {
  return {
    name: "livemesh-watch-page",
    configureServer({ middlewares }) {
      middlewares.use((request, _response, next) => {
        if (request.url?.startsWith("/watch/")) request.url = "/watch.html";
        next();
      });
    },
  };
}

export default defineConfig({
  root,
  plugins: [watchPage(), slimSimplePeer(), compressedCopies()],
  resolve: {
    // The folders' own sources, so that pages need no build of the rest.
    alias: { "zod/mini": resolve(root, "src/schemas/small-zod.ts") },
    conditions: ["livemesh-source", "module", "browser", "development|production"],
  },
  optimizeDeps: { rolldownOptions: { plugins: [slimSimplePeer()] } },
  server: {
    proxy: {
      "/api": server,
      "/streams": server,
      "/socket.io": { target: server, ws: true },
    },
  },
  build: {
    outDir: resolve(root, "../dist/web"),
    emptyOutDir: true,
    target: "es2022",
    sourcemap: true,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: {
        index: resolve(root, "index.html"),
        watch: resolve(root, "watch.html"),
        // For other people's pages: `<script type="module" src="…/livemesh-player.js">`.
        "livemesh-player": resolve(root, "src/index.ts"),
        // The same for those who have a player on hls.js.
        "livemesh-hls": resolve(root, "src/hls/index.ts"),
      },
      preserveEntrySignatures: "exports-only",
      output: {
        // The addresses others write into their pages have to stay the same.
        entryFileNames: ({ name }) =>
          name.startsWith("livemesh-") ? "[name].js" : "assets/[name]-[hash].js",
      },
    },
  },
});
