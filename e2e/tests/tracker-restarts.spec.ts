import { listedStream } from "../support/api.ts";
import { expect, test } from "../support/test.ts";
import { allPlayOn } from "../support/viewer.ts";

test("viewers play on without a tracker, and the next one knows the stream again", async ({
  livemesh,
  openViewer,
}) => {
  const tracker = await livemesh.tracker();
  const stream = await livemesh.ingest(tracker.baseUrl);
  const viewers = await Promise.all([1, 2, 3].map(() => openViewer(stream.watchUrl)));
  await allPlayOn(viewers, 50);

  await tracker.process.kill();
  await allPlayOn(viewers, 125);

  await livemesh.tracker(tracker.port);
  await expect
    .poll(async () => (await listedStream(stream))?.viewers ?? 0, { timeout: 20_000 })
    .toBe(3);
  await allPlayOn(viewers, 25);
  const late = await openViewer(stream.watchUrl);
  await late.playsOn(50);
  await expect.poll(async () => (await late.stats()).bytes.fromPeers).toBeGreaterThan(0);
});
