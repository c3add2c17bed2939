import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vite";

const root = dirname(fileURLToPath(import.meta.url));
/** As `npm run example -- NAME` was asked to; all of them otherwise. */
const names = (process.env.EXAMPLES ?? "").split(" ").filter((name) => name !== "");

/** What Vue does not take for a component of its own. */
const isCustomElement = (tag: string) => tag.startsWith("livemesh-");

export default defineConfig({
  root,
  plugins: [vue({ template: { compilerOptions: { isCustomElement } } }), svelte()],
  // Below /NAME/, wherever they are put.
  base: "./",
  logLevel: "warn",
  build: {
    outDir: resolve(root, "../../dist/examples"),
    emptyOutDir: true,
    target: "es2022",
    chunkSizeWarningLimit: 2000,
    rolldownOptions: {
      input: Object.fromEntries(names.map((name) => [name, resolve(root, name, "index.html")])),
    },
  },
});
