import { counterSpread, FRAMES_PER_SECOND } from "../support/burnt-in-counter.ts";
import { expect, test } from "../support/test.ts";
import type { Viewer } from "../support/viewer.ts";

const behindMs = async (viewer: Viewer) => (await viewer.stats()).latencyMs ?? 0;
const windowMs = async (viewer: Viewer) => (await viewer.stats()).dvr.windowMs ?? 0;

/** Media the browser has taken, in s. */
function bufferedSec(viewer: Viewer): Promise<number> {
  return viewer.page.evaluate(() => {
    const element = document.querySelector("livemesh-player");
    const ranges = element?.shadowRoot?.querySelector("video")?.buffered;
    let total = 0;
    for (let i = 0; i < (ranges?.length ?? 0); i++) {
      total += (ranges?.end(i) ?? 0) - (ranges?.start(i) ?? 0);
    }
    return total;
  });
}

test("viewers go back in a live stream, from neighbors that keep it, pause, and come back to live", async ({
  livemesh,
  openViewer,
}) => {
  test.setTimeout(120_000);
  const stream = await livemesh.serve(["--dvr", "15m"]);
  const early = await openViewer(stream.watchUrl);
  await early.playsOn(25);
  await expect.poll(() => windowMs(early), { timeout: 30_000 }).toBeGreaterThan(8000);

  const viewer = await openViewer(stream.watchUrl);
  const { page } = viewer;
  await viewer.playsOn(25);
  await early.page.evaluate(() => document.querySelector("livemesh-player")?.pause());
  const paused = await early.counter();
  const player = page.locator("livemesh-player");
  await player.hover();
  const seek = player.getByRole("slider", { name: "Go back in the stream" });
  await expect(seek).toHaveAttribute("aria-valuetext", "Live");

  await seek.focus();
  await page.keyboard.press("ArrowLeft");
  await expect.poll(() => behindMs(viewer)).toBeGreaterThan(8000);
  await viewer.playsOn(15);
  const past = await viewer.stats();
  expect(past.dvr.isPast).toBe(true);
  await expect(seek).toHaveAttribute("aria-valuetext", /^0:[01]\d behind live$/);

  // Neighbors keep what they have seen: it goes on without the server.
  await page.context().route("**/tracks/*/blocks/**", (route) => route.abort());
  await viewer.playsOn(75);
  const later = await viewer.stats();
  expect(later.bytes.fromPeers).toBeGreaterThan(past.bytes.fromPeers);
  expect(later.blocks.rejected).toBe(0);

  await player.getByRole("button", { name: /jump to live/i }).click();
  await expect.poll(() => behindMs(viewer)).toBeLessThan(4000);
  await viewer.playsOn(25);
  expect((await viewer.stats()).dvr.isPast).toBe(false);

  // Who paused goes on where the pause began: no jump, no stall, and small buffers.
  const stalls = (await early.stats()).stalls.count;
  const pausedMs = await behindMs(early);
  await early.page.evaluate(() => document.querySelector("livemesh-player")?.play());
  await early.playsOn(2);
  const resumed = await early.counter();
  if (paused === undefined || resumed === undefined) throw new Error("no counter on screen");
  expect(counterSpread([paused, resumed])).toBeLessThanOrEqual(2 * FRAMES_PER_SECOND);
  await early.playsOn(50);
  expect(await behindMs(early)).toBeGreaterThan(pausedMs - 1500);
  expect((await early.stats()).stalls.count).toBe(stalls);
  expect(await bufferedSec(early)).toBeLessThan(35);
  expect(await bufferedSec(viewer)).toBeLessThan(35);
});
