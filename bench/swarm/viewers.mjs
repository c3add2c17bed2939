import { chromium } from "@playwright/test";
import { openHlsPlayer } from "./hls-player.mjs";

/** The same as the end-to-end tests have. */
const FLAGS = [
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
const LATENCY_SAMPLE_MS = 250;
/** The watch page shows the video at its own 640×360 here, so that nothing is spent on scaling. */
const VIEWPORT = { width: 688, height: 640 };

/**
 * One Chromium with `count` empty tabs, each in a browser context (cookies, cache) of its own.
 * @param player `livemesh`: the watch page. `hls`: hls.js with a mesh behind it.
 */
export async function openBrowser(executablePath, count, player) {
  // A server, because only that tells its process id.
  const server = await chromium.launchServer({ executablePath, args: FLAGS });
  const browser = await chromium.connect(server.wsEndpoint());
  const viewers = [];
  for (let i = 0; i < count; i++) {
    const context = await browser.newContext({ viewport: VIEWPORT });
    viewers.push(new Viewer(await context.newPage(), player));
  }
  return {
    pid: server.process().pid,
    version: browser.version(),
    viewers,
    screenshot: (path) => viewers.find((viewer) => viewer.isOpen)?.screenshot(path),
    close: async () => {
      await browser.close();
      await server.close();
    },
  };
}

/** One tab. It samples itself, so that looking at it costs nothing while it is measured. */
class Viewer {
  #page;
  #player;

  constructor(page, player) {
    this.#page = page;
    this.#player = player;
  }

  get isOpen() {
    return !this.#page.isClosed();
  }

  async open(watchUrl) {
    if (this.#player === "hls") await openHlsPlayer(this.#page, watchUrl);
    else await this.#page.goto(watchUrl, { waitUntil: "domcontentloaded" });
    await this.#page.evaluate((sampleMs) => {
      const samples = [];
      globalThis.latencySamples = samples;
      setInterval(() => {
        const stats = document.querySelector("livemesh-player")?.getStats?.();
        samples.push([Date.now(), stats?.latencyMs ?? null]);
      }, sampleMs);
    }, LATENCY_SAMPLE_MS);
  }

  async hasStarted(timeoutMs) {
    await this.#page.waitForFunction(
      () => {
        const stats = document.querySelector("livemesh-player")?.getStats?.();
        return typeof stats?.startupMs === "number";
      },
      undefined,
      { timeout: timeoutMs, polling: 100 },
    );
  }

  /** Null before there is a player. */
  stats() {
    return this.#page.evaluate(
      () => document.querySelector("livemesh-player")?.getStats?.() ?? null,
    );
  }

  /** Everything known about it: `stats` now, and `latencies` as [Unix ms, latency in ms or null]. */
  record() {
    return this.#page.evaluate(() => ({
      stats: document.querySelector("livemesh-player").getStats(),
      latencies: globalThis.latencySamples,
    }));
  }

  screenshot(path) {
    return this.#page.screenshot({ path });
  }

  /** Without a word to anybody, as when a tab crashes. */
  async kill() {
    await this.#page.close({ runBeforeUnload: false });
    await this.#page.context().close();
  }
}
