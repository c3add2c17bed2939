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
