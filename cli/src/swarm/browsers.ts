import { existsSync } from "node:fs";
import type { Browser } from "@playwright/test";
import { UsageError } from "../usage-error.ts";
import { BrowserTab } from "./browser-tab.ts";

const SYSTEM_PATHS = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const HOW_TO_INSTALL = "npm install --save-dev @playwright/test && npx playwright install chromium";

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--autoplay-policy=no-user-gesture-required",
  "--allow-loopback-in-peer-connection",
  "--disable-features=WebRtcHideLocalIpsWithMdns",
];

/** One headless Chromium with the tabs of a swarm. */
export class Browsers {
  readonly #browser: Browser;
  readonly tabs: BrowserTab[] = [];

  /** @throws {UsageError} In one line that says what to install. */
  static async launch(): Promise<Browsers> {
    // Only people with browsers in their swarm need Playwright.
    const { chromium } = await import("@playwright/test").catch((cause: unknown) => {
      throw new UsageError(`--browsers needs Playwright: ${HOW_TO_INSTALL}`, { cause });
    });
    const executablePath =
      process.env.LIVEMESH_CHROMIUM || SYSTEM_PATHS.find((path) => existsSync(path));
    // Signals are ours: it is to close when the tabs have said good-bye.
    const ours = { handleSIGINT: false, handleSIGTERM: false, handleSIGHUP: false };
    const path = executablePath === undefined ? {} : { executablePath };
    try {
      return new Browsers(await chromium.launch({ args: FLAGS, ...ours, ...path }));
    } catch (cause) {
      throw new UsageError(
        `no Chromium could be started for --browsers; npx playwright install chromium brings one, ` +
          "LIVEMESH_CHROMIUM names another",
        { cause },
      );
    }
  }

  private constructor(browser: Browser) {
    this.#browser = browser;
  }

  /** One more tab, with storage and cache of its own. */
  async open(watchUrl: string): Promise<void> {
    const context = await this.#browser.newContext();
    const tab = new BrowserTab(`browser${this.tabs.length}`, await context.newPage());
    this.tabs.push(tab);
    await tab.open(watchUrl);
  }

  async close(): Promise<void> {
    await Promise.all(this.tabs.map((tab) => tab.stop()));
    await this.#browser.close();
  }
}
