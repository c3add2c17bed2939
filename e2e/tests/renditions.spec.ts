import { expect, test } from "../support/test.ts";
import type { Viewer } from "../support/viewer.ts";

const LADDER = ["--transcode", "180p:400k,90p:80k,audio:64k"];

type RenditionPlayer = HTMLElement & {
  rendition: string;
  renditions: { id: string; label: string }[];
  getStats(): { rendition: string | null; renewals: { count: number } };
};

function choose(viewer: Viewer, id: string): Promise<void> {
  return viewer.page
    .locator("livemesh-player")
    .evaluate((player, wish) => Object.assign(player, { rendition: wish }), id)
    .then(() => {});
}

function look(viewer: Viewer) {
  return viewer.page.locator("livemesh-player").evaluate((element) => {
    const player = element as RenditionPlayer;
    const video = player.shadowRoot?.querySelector("video");
    return {
      rendition: player.getStats().rendition,
      lines: video?.videoHeight,
      labels: player.renditions.map(({ label }) => label),
      renewals: player.getStats().renewals.count,
    };
  });
}

async function shows(viewer: Viewer, rendition: string, lines: number, timeout = 20_000) {
  await expect.poll(() => look(viewer), { timeout }).toMatchObject({ rendition, lines });
}

test("two tabs watch different renditions and share the sound", async ({
  livemesh,
  openViewer,
}) => {
  const stream = await livemesh.serve(LADDER);
  const high = await openViewer(stream.watchUrl);
  const low = await openViewer(stream.watchUrl);
  await Promise.all([high.playsOn(), low.playsOn()]);
  await Promise.all([choose(high, "v0"), choose(low, "v1")]);
  await Promise.all([shows(high, "v0", 180), shows(low, "v1", 90)]);
  expect((await look(high)).labels).toEqual(["180p", "90p", "Audio only"]);

  // One gets from the other what both take: the sound.
  const shared = async () => {
    const [one, other] = await Promise.all([high.stats(), low.stats()]);
    return one.bytes.fromPeers + other.bytes.fromPeers;
  };
  const before = await shared();
  await expect.poll(shared).toBeGreaterThan(before + 20_000);
  await Promise.all([high.playsOn(75), low.playsOn(75)]);
  expect((await high.stats()).bytes.fromSeeder).toBeGreaterThan(0);
});

test("the picture changes at a key frame, without a stall and in the same media source", async ({
  livemesh,
  openViewer,
}) => {
  const stream = await livemesh.serve(LADDER);
  const viewer = await openViewer(stream.watchUrl);
  await viewer.playsOn();
  await choose(viewer, "v0");
  await shows(viewer, "v0", 180);
  await viewer.playsOn(50);
  const before = await viewer.stats();
  for (const [id, lines] of [
    ["v1", 90],
    ["v0", 180],
  ] as const) {
    await choose(viewer, id);
    await shows(viewer, id, lines);
    await viewer.playsOn(40);
  }
  const after = await viewer.stats();
  expect(after.stalls).toEqual(before.stalls);
  expect((await look(viewer)).renewals).toBe(0);
});

test("the sound alone, and back to the picture", async ({ livemesh, openViewer }) => {
  const stream = await livemesh.serve(LADDER);
  const viewer = await openViewer(stream.watchUrl);
  await viewer.playsOn();
  await choose(viewer, "a0");
  await expect.poll(async () => (await look(viewer)).rendition).toBe("a0");
  const { playedMs } = await viewer.stats();
  await expect.poll(async () => (await viewer.stats()).playedMs).toBeGreaterThan(playedMs + 2000);
  await choose(viewer, "auto");
  await expect.poll(async () => (await look(viewer)).rendition).toMatch(/^v/);
  await viewer.playsOn(50);
});

function removeWebRtc(): void {
  for (const name of ["RTCPeerConnection", "webkitRTCPeerConnection", "RTCDataChannel"]) {
    delete (globalThis as unknown as Record<string, unknown>)[name];
  }
}

// Browsers throttle what comes over HTTP, but no data channels.
test("on a line that becomes narrow it goes down, and up again when that is over", async ({
  livemesh,
  openViewer,
}) => {
  test.setTimeout(150_000);
  const stream = await livemesh.serve(["--transcode", "360p:1400k,90p:80k,audio:64k"]);
  const viewer = await openViewer(stream.watchUrl, [removeWebRtc]);
  await shows(viewer, "v0", 360, 40_000);
  await viewer.playsOn(75);
  const network = await viewer.page.context().newCDPSession(viewer.page);
  const limitTo = (bitsPerSec: number) =>
    network.send("Network.emulateNetworkConditions", {
      offline: false,
      latency: 20,
      downloadThroughput: bitsPerSec < 0 ? -1 : bitsPerSec / 8,
      uploadThroughput: -1,
    });
  await limitTo(450_000);
  await shows(viewer, "v1", 90, 40_000);
  await viewer.playsOn(75, 30_000);
  await limitTo(-1);
  await shows(viewer, "v0", 360, 70_000);
  await viewer.playsOn(75);
});
