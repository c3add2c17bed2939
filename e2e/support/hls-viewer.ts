import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { expect, type Page } from "@playwright/test";

const HLS_JS = createRequire(import.meta.url).resolve("hls.js/dist/hls.min.js");
const PAGE = new URL("hls-page.html", import.meta.url);

export type HlsState = {
  playedSec: number;
  /** Behind the source, by the dates in the playlists. */
  latencyMs: number | undefined;
  stalls: number;
  errors: string[];
};

/** What the page keeps for us. */
type Watch = {
  hls: { playingDate: Date | null; levels: { height: number }[]; nextLevel: number };
  stalls: number;
  errors: string[];
};
declare const Hls: {
  new (): Watch["hls"] & {
    on(event: string, listener: (event: string, error: { details: string }) => void): void;
    loadSource(url: string): void;
    attachMedia(video: HTMLVideoElement): void;
  };
  Events: { ERROR: string };
};

/** A tab that plays a playlist with plain hls.js, and knows nothing else of us. */
export class HlsViewer {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  async play(playlistUrl: string): Promise<void> {
    await this.#page.goto(new URL("/healthz", playlistUrl).href);
    await this.#page.setContent(await readFile(PAGE, "utf8"));
    await this.#page.addScriptTag({ path: HLS_JS });
    await this.#page.evaluate((url) => {
      const video = document.querySelector("video");
      if (video === null) throw new Error("the page has a video element");
      const hls = new Hls();
      const watch: Watch = { hls, stalls: 0, errors: [] };
      Object.assign(window, { watch });
      hls.on(Hls.Events.ERROR, (_event, { details }) => watch.errors.push(details));
      video.addEventListener("waiting", () => {
        if (video.currentTime > 0) watch.stalls++;
      });
      hls.loadSource(url);
      hls.attachMedia(video);
    }, playlistUrl);
  }

  state(): Promise<HlsState> {
    return this.#page.evaluate(() => {
      const { watch } = window as unknown as { watch: Watch };
      const video = document.querySelector("video");
      const { playingDate } = watch.hls;
      const played = video?.played;
      return {
        playedSec: played?.length ? played.end(played.length - 1) - played.start(0) : 0,
        latencyMs: playingDate === null ? undefined : Date.now() - playingDate.getTime(),
        stalls: watch.stalls,
        errors: watch.errors,
      };
    });
  }

  /** Lines of the picture of each rendition, as the playlist says. */
  renditions(): Promise<number[]> {
    return this.#page.evaluate(() => {
      const { watch } = window as unknown as { watch: Watch };
      return watch.hls.levels.map(({ height }) => height);
    });
  }

  /** Go on with the rendition of so many lines; resolves when it is on screen. */
  async changeTo(lines: number): Promise<void> {
    await this.#page.evaluate((wanted) => {
      const { hls } = (window as unknown as { watch: Watch }).watch;
      hls.nextLevel = hls.levels.findIndex(({ height }) => height === wanted);
    }, lines);
    const shown = () =>
      this.#page.locator("video").evaluate((video) => (video as HTMLVideoElement).videoHeight);
    await expect.poll(shown, { timeout: 20_000 }).toBe(lines);
  }

  async hasPlayed(seconds: number): Promise<HlsState> {
    await expect
      .poll(async () => (await this.state()).playedSec, { timeout: 30_000 })
      .toBeGreaterThan(seconds);
    return this.state();
  }
}
