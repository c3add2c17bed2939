import { type Browser, type BrowserContext, test as base } from "@playwright/test";
import { Livemesh } from "./livemesh.ts";
import { Viewer } from "./viewer.ts";

export type OpenViewer = (watchUrl: string, scripts?: readonly PageScript[]) => Promise<Viewer>;
/** Runs in the page before anything of ours. */
export type PageScript = (() => void) | string;

/** Tabs of one browser; closed together. */
export class Tabs {
  readonly #browser: Browser;
  readonly #contexts: BrowserContext[] = [];

  constructor(browser: Browser) {
    this.#browser = browser;
  }

  /** Each tab is a browser of its own: no cache, no storage and no cookies shared. */
  async open(watchUrl: string, scripts: readonly PageScript[] = []): Promise<Viewer> {
    const context = await this.#browser.newContext({ viewport: { width: 960, height: 640 } });
    this.#contexts.push(context);
    for (const script of scripts) {
      await context.addInitScript(typeof script === "string" ? { content: script } : script);
    }
    const page = await context.newPage();
    await page.goto(watchUrl, { waitUntil: "commit" });
    return new Viewer(page);
  }

  async close(): Promise<void> {
    await Promise.all(this.#contexts.map((context) => context.close()));
  }
}

/** Every test gets its own servers and its own tabs, and leaves none behind. */
export const test = base.extend<{ livemesh: Livemesh; openViewer: OpenViewer }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names from this pattern.
  livemesh: async ({}, use) => {
    const livemesh = new Livemesh();
    await use(livemesh);
    await livemesh.close();
  },
  openViewer: async ({ browser }, use) => {
    const tabs = new Tabs(browser);
    await use((watchUrl, scripts) => tabs.open(watchUrl, scripts));
    await tabs.close();
  },
});

export { expect } from "@playwright/test";
