import { chromium } from "@playwright/test";

/** As in e2e/playwright.config.ts. */
const CHROMIUM_FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--autoplay-policy=no-user-gesture-required",
  "--allow-loopback-in-peer-connection",
  "--disable-features=WebRtcHideLocalIpsWithMdns",
];

/** One Chromium; each viewer is a browser context of its own. */
export async function openBrowser(watchUrl) {
  const browser = await chromium.launch({
    executablePath: process.env.LIVEMESH_CHROMIUM ?? "/usr/bin/chromium",
    args: CHROMIUM_FLAGS,
  });
  const viewers = new Set();
  return {
    viewers,
    async addViewer() {
      const context = await browser.newContext({ viewport: { width: 800, height: 600 } });
      await context.addInitScript(sampleInPage);
      const page = await context.newPage();
      const viewer = {
        read: () => page.evaluate(() => globalThis.readSwarmSamples()),
        async leave() {
          const samples = await viewer.read();
          viewers.delete(viewer);
          await context.close();
          return samples;
        },
        screenshot: (path) => page.screenshot({ path }),
      };
      viewers.add(viewer);
      await page.goto(watchUrl, { waitUntil: "commit" });
    },
    readViewers: () => Promise.all([...viewers].map((viewer) => viewer.read())),
    async screenshot(path) {
      const [first] = viewers;
      await first?.screenshot(path);
    },
    close: () => browser.close(),
  };
}

/** Runs in the page: looks at the player twice a second, which costs less than asking from here. */
function sampleInPage() {
  const SAMPLE_MS = 500;
  const latenciesMs = [];
  let first;

  const stats = () => document.querySelector("livemesh-player")?.getStats?.();
  setInterval(() => {
    const now = stats();
    if (now === undefined) return;
    if (now.playedMs > 0) first ??= { atMs: performance.now(), playedMs: now.playedMs };
    if (first !== undefined && typeof now.latencyMs === "number") latenciesMs.push(now.latencyMs);
  }, SAMPLE_MS);

  globalThis.readSwarmSamples = () => {
    const sinceFirstMs = first === undefined ? 0 : performance.now() - first.atMs + first.playedMs;
    return { stats: stats() ?? null, latenciesMs, sinceFirstMs };
  };
}
