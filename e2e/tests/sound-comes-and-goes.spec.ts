import { listedStream } from "../support/api.ts";
import { type ListeningStream, serveEncoder } from "../support/livemesh.ts";
import { hearMore, hearSilence, hearSound } from "../support/sound.ts";
import { expect, test } from "../support/test.ts";
import { allPlayOn } from "../support/viewer.ts";

async function isLive(stream: ListeningStream, live: boolean): Promise<void> {
  await expect.poll(async () => (await listedStream(stream))?.live).toBe(live);
}

// The audio track stayed announced and its source buffer empty: the pages stood until reloaded.
test("an encoder that comes back without sound is watched on, and heard when sound is back", async ({
  livemesh,
  openViewer,
}) => {
  const stream = await serveEncoder(livemesh);
  const first = livemesh.encoder(stream.encoderPort);
  const viewers = await Promise.all([1, 2].map(() => openViewer(stream.watchUrl)));
  await allPlayOn(viewers, 50);
  await hearMore(viewers);

  await first.kill();
  await isLive(stream, false);
  const mute = livemesh.encoder(stream.encoderPort, ["--without-audio"]);
  await isLive(stream, true);
  await allPlayOn(viewers, 100);
  await hearSilence(viewers);

  const newcomer = await openViewer(stream.watchUrl);
  await newcomer.playsOn(50);

  await mute.kill();
  await isLive(stream, false);
  livemesh.encoder(stream.encoderPort);
  await isLive(stream, true);
  await hearSound([...viewers, newcomer]);
  for (const viewer of viewers) expect((await viewer.stats()).renewals.count).toBe(0);
  await allPlayOn([...viewers, newcomer], 75);
});

test("a stream that began without sound is heard when sound comes", async ({
  livemesh,
  openViewer,
}) => {
  const stream = await serveEncoder(livemesh);
  const mute = livemesh.encoder(stream.encoderPort, ["--without-audio"]);
  const viewer = await openViewer(stream.watchUrl);
  await viewer.playsOn(50);

  await mute.kill();
  await isLive(stream, false);
  livemesh.encoder(stream.encoderPort);
  await hearMore([viewer]);
  await viewer.playsOn(75);
});
