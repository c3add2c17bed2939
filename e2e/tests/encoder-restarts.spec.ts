import { listedStream } from "../support/api.ts";
import { serveEncoder } from "../support/livemesh.ts";
import { expect, test } from "../support/test.ts";
import { allPlayOn } from "../support/viewer.ts";

test("the next encoder continues the stream on the pages that are open", async ({
  livemesh,
  openViewer,
}) => {
  const stream = await serveEncoder(livemesh);
  const first = livemesh.encoder(stream.encoderPort);
  const viewers = await Promise.all([1, 2].map(() => openViewer(stream.watchUrl)));
  await allPlayOn(viewers, 50);

  await first.kill();
  await expect.poll(async () => (await listedStream(stream))?.live).toBe(false);
  const atRest = await Promise.all(viewers.map((viewer) => viewer.frames()));

  livemesh.encoder(stream.encoderPort);
  await expect.poll(async () => (await listedStream(stream))?.live).toBe(true);
  await allPlayOn(viewers, 75);

  // The same player all along: a page that had loaded again would count from 0.
  const frames = await Promise.all(viewers.map((viewer) => viewer.frames()));
  for (const [index, count] of atRest.entries()) expect(frames[index]).toBeGreaterThan(count);
});

test("a second encoder is refused while one is live", async ({ livemesh, openViewer }) => {
  const stream = await serveEncoder(livemesh);
  const first = livemesh.encoder(stream.encoderPort);
  const viewer = await openViewer(stream.watchUrl);
  await viewer.playsOn(25);

  const second = livemesh.encoder(stream.encoderPort);
  expect(await second.exit(), "the server hangs up on it").toBe(3);

  await stream.process.says(/refus|already|second/i);
  expect(first.isRunning).toBe(true);
  await viewer.playsOn(50);
});
