import { expect, type Page } from "@playwright/test";
import { COUNTER_BOXES, readCounter } from "./burnt-in-counter.ts";

/** The contract of `<livemesh-player>.getStats()`. */
export type PlayerStats = {
  streamId: string;
  startupMs: number | undefined;
  latencyMs: number | undefined;
  targetLatencyMs: number;
  stalls: { count: number; totalMs: number };
  playedMs: number;
  bytes: {
    fromPeers: number;
    fromSeeder: number;
    fromOrigin: number;
    uploaded: number;
    duplicate: number;
    control: number;
  };
  blocks: { received: number; rejected: number; repaired: number };
  state: string;
  neighborList: { peer: string; role: string; receivedBytes: number; parentOf: number }[];
  renewals: { count: number; lastReason: string | null };
  dvr: { windowMs: number | null; isPast: boolean };
  unsupportedTracks: { id: string; kind: string; codec: string; name: string }[];
};

/** One tab with a watch page. */
export class Viewer {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

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

  /** The burnt-in counter on screen, read from pixels. */
  async counter(): Promise<number | undefined> {
    const video = this.page.locator("livemesh-player video");
    return video.evaluate(
      (element, { source, boxes }) => {
        const read = new Function(`return (${source})`)() as typeof readCounter;
        return read(element as HTMLVideoElement, boxes);
      },
      { source: readCounter.toString(), boxes: COUNTER_BOXES },
    );
  }

  /** Waits until frames come out, `count` more than now. A failure tells the player's state. */
  async playsOn(count = 50, timeout = 30_000): Promise<void> {
    const before = await this.frames();
    try {
      await expect
        .poll(() => this.frames(), { message: `${count} more frames`, timeout })
        .toBeGreaterThanOrEqual(before + count);
    } catch (error) {
      const state = JSON.stringify(await this.#state(), null, 2);
      throw new Error(`${error instanceof Error ? error.message : error}\n${state}`);
    }
  }

  #state(): Promise<unknown> {
    return this.page.evaluate(() => {
      const player = document.querySelector("livemesh-player");
      const video = player?.shadowRoot?.querySelector("video");
      const buffered = Array.from({ length: video?.buffered.length ?? 0 }, (_, index) => [
        video?.buffered.start(index),
        video?.buffered.end(index),
      ]);
      return {
        stats: (player as unknown as { getStats?(): unknown } | null)?.getStats?.(),
        currentTime: video?.currentTime,
        readyState: video?.readyState,
        isPaused: video?.paused,
        isSeeking: video?.seeking,
        buffered,
      };
    });
  }
}

/** Waits until all of them play, all at the same time. */
export async function allPlayOn(viewers: readonly Viewer[], frames = 50): Promise<void> {
  await Promise.all(viewers.map((viewer) => viewer.playsOn(frames)));
}
