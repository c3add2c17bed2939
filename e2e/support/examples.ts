import { expect, type Page } from "@playwright/test";
import type { Livemesh } from "./livemesh.ts";

/** What a mesh behind an HLS player tells; the examples put it where the console finds it. */
export type HlsMeshStats = {
  bytes: { fromPeers: number; fromSeeder: number; fromOrigin: number; uploaded: number };
  blocks: { received: number; rejected: number };
  neighbors: number;
  latencyMs: number | null;
};

/** Addresses of example pages by name, served as `npm run example` does. */
export async function runExamples(
  livemesh: Livemesh,
  names: readonly string[],
): Promise<Map<string, string>> {
  const process = livemesh.start("examples/web/run.mjs", ["--port", "0", ...names]);
  const addresses = new Map<string, string>();
  for (const name of names) {
    const [, address = ""] = await process.says(new RegExp(`^${name}: (http\\S+)$`, "m"));
    addresses.set(name, address);
  }
  return addresses;
}

export function hlsMeshStats(page: Page): Promise<HlsMeshStats | undefined> {
  return page.evaluate(() => {
    const { mesh } = window as unknown as {
      mesh?: { mesh?: { getStats(): HlsMeshStats } };
    };
    return mesh?.mesh?.getStats();
  });
}

/** Waits until this much more of any video on the page was played, in seconds. */
export async function videoPlaysOn(page: Page, seconds: number): Promise<void> {
  const playedSec = () =>
    page.evaluate(() => {
      const element = document.querySelector("livemesh-player")?.shadowRoot ?? document;
      const video = element.querySelector("video");
      const played = video?.played;
      return played === undefined
        ? 0
        : Array.from({ length: played.length }, (_, i) => played.end(i) - played.start(i)).reduce(
            (sum, span) => sum + span,
            0,
          );
    });
  const before = await playedSec();
  await expect
    .poll(playedSec, { message: `${page.url()} plays`, timeout: 30_000 })
    .toBeGreaterThan(before + seconds);
}
