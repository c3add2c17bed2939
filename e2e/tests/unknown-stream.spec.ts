import { expect, test } from "../support/test.ts";

test("a page for a stream that is not there says so, and plays when it comes", async ({
  livemesh,
  openViewer,
}) => {
  // The stream id follows from the key: learn it before the stream exists.
  const other = await livemesh.tracker();
  const before = await livemesh.ingest(other.baseUrl);
  await before.process.stop();

  const tracker = await livemesh.tracker();
  const viewer = await openViewer(`${tracker.baseUrl}/watch/${before.streamId}`);
  await expect(viewer.page.locator("livemesh-player")).toContainText(/not on this server/i);

  const stream = await livemesh.ingest(tracker.baseUrl);
  expect(stream.streamId).toBe(before.streamId);
  await viewer.playsOn(50);
});
