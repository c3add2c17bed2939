import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, chromium } from "@playwright/test";
import { build } from "vite";
import { slimSimplePeer } from "../../../../scripts/slim-simple-peer.mjs";

/** Flags for runs without a display and without the internet; the last two make ICE quick. */
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--allow-loopback-in-peer-connection",
  "--disable-features=WebRtcHideLocalIpsWithMdns",
];

/** Where Chromium is: `LIVEMESH_CHROMIUM`, the system's, or Playwright's own. */
export function chromiumPath(): string | undefined {
  const candidates = [
    process.env.LIVEMESH_CHROMIUM,
    "/usr/bin/chromium",
    chromium.executablePath(),
  ];
  return candidates.find((path) => path !== undefined && path !== "" && existsSync(path));
}

export function launchChromium(executablePath: string): Promise<Browser> {
  return chromium.launch({ executablePath, args: FLAGS });
}

/** One module bundled as the web pages are, served on loopback with an empty page around it. */
export async function servePage(entry: string): Promise<{ url: string; close(): Promise<void> }> {
  const outDir = await mkdtemp(join(tmpdir(), "livemesh-page-"));
  await build({
    configFile: false,
    logLevel: "error",
    plugins: [slimSimplePeer()],
    resolve: { conditions: ["livemesh-source", "module", "browser", "import", "default"] },
    build: {
      outDir,
      minify: false,
      rollupOptions: { input: entry, output: { entryFileNames: "page.js" } },
    },
  });
  const server = createServer(async (request, response) => {
    const isScript = request.url?.endsWith(".js") === true;
    const body = isScript
      ? await readFile(join(outDir, request.url ?? ""))
      : '<!doctype html><title>test</title><script type="module" src="/page.js"></script>';
    response.setHeader("content-type", isScript ? "text/javascript" : "text/html");
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    async close() {
      await new Promise((resolve) => server.close(resolve));
      await rm(outDir, { recursive: true, force: true });
    },
  };
}
