import { HlsViewer } from "../support/hls-viewer.ts";
import { serveEncoder } from "../support/livemesh.ts";
import { expect, test } from "../support/test.ts";

test("plain hls.js plays within three seconds of the source, without a stall", async ({
  livemesh,
  page,
}) => {
  const stream = await livemesh.serve();
  const viewer = new HlsViewer(page);
  await viewer.play(`${stream.baseUrl}/streams/${stream.streamId}/hls/master.m3u8`);
  const begun = await viewer.hasPlayed(3);
  const { latencyMs, stalls, errors } = await viewer.hasPlayed(13);
  expect(latencyMs).toBeLessThanOrEqual(3000);
  expect(stalls - begun.stalls).toBe(0);
  expect(errors.filter((error) => !begun.errors.includes(error))).toEqual([]);
});

test("plain hls.js goes on when the encoder comes back, also when that has no sound", async ({
  livemesh,
  page,
}) => {
  const stream = await serveEncoder(livemesh);
  const first = livemesh.encoder(stream.encoderPort);
  const viewer = new HlsViewer(page);
  await viewer.play(`${stream.baseUrl}/streams/${stream.streamId}/hls/master.m3u8`);
  const { playedSec } = await viewer.hasPlayed(3);
  await first.kill();
  livemesh.encoder(stream.encoderPort, ["--without-audio"]);
  await viewer.hasPlayed(playedSec + 10);
});

test("plain hls.js finds all renditions, and changes between them", async ({ livemesh, page }) => {
  const stream = await livemesh.serve(["--transcode", "180p:300k,90p:80k,audio:64k"]);
  const viewer = new HlsViewer(page);
  await viewer.play(`${stream.baseUrl}/streams/${stream.streamId}/hls/master.m3u8`);
  await viewer.hasPlayed(3);
  expect((await viewer.renditions()).sort()).toEqual([180, 90]);
  const { errors } = await viewer.state();
  for (const lines of [90, 180, 90]) {
    await viewer.changeTo(lines);
    const { playedSec } = await viewer.state();
    await viewer.hasPlayed(playedSec + 2);
  }
  expect((await viewer.state()).errors.filter((error) => !errors.includes(error))).toEqual([]);
});
