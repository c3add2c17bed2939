import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin } from "vite";
import { compressedCopies } from "./scripts/compressed-copies.mjs";
import { withoutUnusedProtocol } from "./scripts/pure-protocol.mjs";
import { slimSimplePeer } from "./scripts/slim-simple-peer.mjs";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "web");
/** Where `livemesh serve` listens by default. */
const server = "http://127.0.0.1:8080";

/** As the tracker does: every `/watch/:streamId` is the same page, and so on. */
function trackersPages(): Plugin {
  return {
    name: "livemesh-trackers-pages",
    configureServer({ middlewares }) {
      middlewares.use((request, _response, next) => {
        const [, page] = request.url?.match(/^\/(watch|embed|broadcast|dashboard)(?:[/?]|$)/) ?? [];
        if (page !== undefined) request.url = `/${page}.html`;
        next();
      });
    },
  };
}

export default defineConfig({
  root,
  plugins: [trackersPages(), slimSimplePeer(), compressedCopies()],
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
      treeshake: withoutUnusedProtocol,
      input: {
        index: resolve(root, "index.html"),
        watch: resolve(root, "watch.html"),
        embed: resolve(root, "embed.html"),
        broadcast: resolve(root, "broadcast.html"),
        dashboard: resolve(root, "dashboard.html"),
        // For other people's pages: `<script type="module" src="…/livemesh-player.js">`.
        "livemesh-player": resolve(root, "src/index.ts"),
        // The same for those who have a player on hls.js.
        "livemesh-hls": resolve(root, "src/hls/index.ts"),
        // For those who put our page into a frame of theirs.
        "livemesh-embed": resolve(root, "src/embed/index.ts"),
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
