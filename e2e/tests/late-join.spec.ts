import { counterSpread, FRAMES_PER_SECOND } from "../support/burnt-in-counter.ts";
import { expect, test } from "../support/test.ts";
import { allPlayOn } from "../support/viewer.ts";

test("who comes late sees the picture at once, and the same one as the others", async ({
  livemesh,
  openViewer,
}) => {
  const stream = await livemesh.serve();
  const early = await Promise.all([openViewer(stream.watchUrl), openViewer(stream.watchUrl)]);
  await allPlayOn(early, 75);

  const late = await openViewer(stream.watchUrl);
  await late.playsOn(50);

  // Loose on purpose: how quick it is, is what `bench:swarm` measures.
  expect((await late.stats()).startupMs).toBeLessThan(5000);
  const spread = async () => {
    const counters = await Promise.all([...early, late].map((viewer) => viewer.counter()));
    const readable = counters.filter((counter) => counter !== undefined);
    return readable.length < 3 ? Number.NaN : counterSpread(readable);
  };
  await expect.poll(spread).toBeLessThanOrEqual(FRAMES_PER_SECOND);
  await expect.poll(async () => (await late.stats()).bytes.fromPeers).toBeGreaterThan(0);
});
