import { listedStream } from "../support/api.ts";
import { serveEncoder } from "../support/livemesh.ts";
import { expect, test } from "../support/test.ts";
import type { Viewer } from "../support/viewer.ts";

/** Where playback is, in s. */
function currentTime({ page }: Viewer): Promise<number> {
  return page.evaluate(() => {
    const player = document.querySelector("livemesh-player");
    return player?.shadowRoot?.querySelector("video")?.currentTime ?? 0;
  });
}

test("an encoder that drops is replaced by a still picture, and live returns to the open page", async ({
  livemesh,
  openViewer,
}, testInfo) => {
  const stream = await serveEncoder(livemesh, ["--slate"]);
  const first = livemesh.encoder(stream.encoderPort);
  const viewer = await openViewer(stream.watchUrl);
  await viewer.playsOn(50);

  await first.kill();
  await stream.process.says(/a slate is shown/);
  const before = await currentTime(viewer);
  const passes = (seconds: number) =>
    expect
      .poll(() => currentTime(viewer), { timeout: 20_000, message: `${seconds} s of playback` })
      .toBeGreaterThan(before + seconds);
  await passes(3);
  const still = await viewer.counter();
  expect(still, "a picture of the stream").toBeDefined();
  await passes(5);
  expect(await viewer.counter()).toBe(still);
  expect((await listedStream(stream))?.live).toBe(true);
  const picture = await viewer.page.screenshot();
  await testInfo.attach("slate", { body: picture, contentType: "image/png" });

  const { stalls } = await viewer.stats();
  livemesh.encoder(stream.encoderPort);
  await expect.poll(() => viewer.counter(), { timeout: 20_000 }).not.toBe(still);
  await viewer.playsOn(75);
  const after = await viewer.stats();
  // The same player all along: one that had begun anew would count from 0.
  expect(await currentTime(viewer)).toBeGreaterThan(before + 5);
  expect(after.stalls.count, "none while it holds, nor when live returns").toBe(stalls.count);
  await expect
    .poll(async () => (await viewer.stats()).latencyMs, { timeout: 30_000 })
    .toBeLessThan(2500);
});
