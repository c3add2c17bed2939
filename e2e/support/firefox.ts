import puppeteer, { type Browser, type Page } from "puppeteer-core";
import { findTool } from "../../scripts/ensure-tool.mjs";
import { expect } from "./test.ts";
import type { PlayerStats } from "./viewer.ts";

/** Path of Debian's Firefox; undefined where there is none. `npm test` installs it if it may. */
export const firefoxPath = findTool("firefox-esr");

const PREFERENCES = {
  // As Chromium's --autoplay-policy=no-user-gesture-required.
  "media.autoplay.default": 0,
  "media.autoplay.blocking_policy": 0,
  // As --allow-loopback-in-peer-connection, and host candidates by address instead of by mDNS name.
  "media.peerconnection.ice.loopback": true,
  "media.peerconnection.ice.obfuscate_host_addresses": false,
  // A camera and a microphone that are made up, and nobody to ask.
  "media.navigator.streams.fake": true,
  "media.navigator.permission.disabled": true,
};

/** A Firefox driven over WebDriver BiDi, for Playwright drives only one it has patched. */
export class Firefox {
  readonly #browser: Browser;

  private constructor(browser: Browser) {
    this.#browser = browser;
  }

  static async start(executablePath: string): Promise<Firefox> {
    const browser = await puppeteer.launch({
      browser: "firefox",
      executablePath,
      extraPrefsFirefox: PREFERENCES,
    });
    return new Firefox(browser);
  }

  /** Each tab is a browser of its own: no cache, no storage and no cookies shared. */
  async open(url: string): Promise<FirefoxTab> {
    const page = await (await this.#browser.createBrowserContext()).newPage();
    await page.setViewport({ width: 960, height: 640 });
    await page.goto(url);
    return new FirefoxTab(page);
  }

  close(): Promise<void> {
    return this.#browser.close();
  }
}

/** One Firefox tab with a watch page: what `Viewer` is for Chromium. */
export class FirefoxTab {
  constructor(readonly page: Page) {}

  stats(): Promise<PlayerStats> {
    return this.page.evaluate(() => {
      const player = document.querySelector("livemesh-player") as unknown as {
        getStats(): PlayerStats;
      };
      return player.getStats();
    });
  }

  /** Frames put on screen so far; 0 before there is a player. */
  frames(): Promise<number> {
    return this.page.evaluate(() => {
      const player = document.querySelector("livemesh-player");
      const video = player?.shadowRoot?.querySelector("video");
      return video?.getVideoPlaybackQuality().totalVideoFrames ?? 0;
    });
  }

  /** Waits until frames come out, `count` more than now. */
  async playsOn(count = 50): Promise<void> {
    const before = await this.frames();
    await expect
      .poll(() => this.frames(), { message: `${count} more frames in Firefox`, timeout: 30_000 })
      .toBeGreaterThanOrEqual(before + count);
  }
}
