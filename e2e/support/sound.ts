import { expect } from "./test.ts";
import type { Viewer } from "./viewer.ts";

/** Sound decoded so far from the source that plays now, in bytes; 0 before there is a player. */
export function soundBytes({ page }: Viewer): Promise<number> {
  return page.evaluate(() => {
    const video = document.querySelector("livemesh-player")?.shadowRoot?.querySelector("video");
    // Chromium's own; there is no standard for it.
    const decoded = video as unknown as { webkitAudioDecodedByteCount: number } | null | undefined;
    return decoded?.webkitAudioDecodedByteCount ?? 0;
  });
}

export async function hearMore(viewers: readonly Viewer[]): Promise<void> {
  for (const viewer of viewers) {
    const before = await soundBytes(viewer);
    await expect.poll(() => soundBytes(viewer)).toBeGreaterThan(before);
  }
}

/** Coded silence is some hundred bytes a second; any sound is thousands. */
const SILENCE_BYTES_PER_SEC = 1500;

/** Whether what is decoded is sound, and not the silence that takes its place. */
export async function hearSound(viewers: readonly Viewer[]): Promise<void> {
  for (const viewer of viewers)
    await expect.poll(() => bytesPerSec(viewer)).toBeGreaterThan(SILENCE_BYTES_PER_SEC);
}

export async function hearSilence(viewers: readonly Viewer[]): Promise<void> {
  for (const viewer of viewers)
    await expect.poll(() => bytesPerSec(viewer)).toBeLessThan(SILENCE_BYTES_PER_SEC);
}

/** Of coded sound, over about a second of play. */
async function bytesPerSec(viewer: Viewer): Promise<number> {
  const { page } = viewer;
  const before = await soundBytes(viewer);
  const startedMs = await page.evaluate(() => performance.now());
  await page.waitForFunction((fromMs) => performance.now() - fromMs > 1000, startedMs);
  const tookMs = (await page.evaluate(() => performance.now())) - startedMs;
  return ((await soundBytes(viewer)) - before) / (tookMs / 1000);
}
