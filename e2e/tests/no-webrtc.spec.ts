import { expect, test } from "../support/test.ts";

function removeWebRtc(): void {
  for (const name of ["RTCPeerConnection", "webkitRTCPeerConnection", "RTCDataChannel"]) {
    delete (globalThis as unknown as Record<string, unknown>)[name];
  }
}

test("without WebRTC it plays from the origin and says so", async ({ livemesh, openViewer }) => {
  const stream = await livemesh.serve();
  const viewer = await openViewer(stream.watchUrl, [removeWebRtc]);
  await viewer.playsOn(75);

  const { bytes } = await viewer.stats();
  expect(bytes.fromOrigin).toBeGreaterThan(0);
  expect(bytes.fromPeers + bytes.fromSeeder).toBe(0);
  await viewer.page.locator("livemesh-player").hover();
  await expect(viewer.page.locator("livemesh-player")).toContainText(/WebRTC is not available/);
});

test("a browser without WebRTC does not disturb those that have it", async ({
  livemesh,
  openViewer,
}) => {
  const stream = await livemesh.serve();
  const [one, two, without] = await Promise.all([
    openViewer(stream.watchUrl),
    openViewer(stream.watchUrl),
    openViewer(stream.watchUrl, [removeWebRtc]),
  ]);
  await Promise.all([one, two, without].map((viewer) => viewer.playsOn(75)));
  await expect
    .poll(async () => (await one.stats()).bytes.fromPeers + (await two.stats()).bytes.fromPeers)
    .toBeGreaterThan(0);
});

test("it finds the origin of an ingest that runs apart from the tracker", async ({
  livemesh,
  openViewer,
}) => {
  const tracker = await livemesh.tracker();
  const stream = await livemesh.ingest(tracker.baseUrl);
  const viewer = await openViewer(stream.watchUrl, [removeWebRtc]);
  await viewer.playsOn(50);
  expect((await viewer.stats()).bytes.fromOrigin).toBeGreaterThan(0);
});
