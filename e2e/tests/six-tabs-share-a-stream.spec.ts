import { newlyAppended, recordAppends } from "../support/appended-bytes.ts";
import { counterSpread, FRAMES_PER_SECOND } from "../support/burnt-in-counter.ts";
import { Livemesh, type RunningStream } from "../support/livemesh.ts";
import { PublishedChunks } from "../support/published-chunks.ts";
import { expect, Tabs, test } from "../support/test.ts";
import { allPlayOn, type Viewer } from "../support/viewer.ts";

test.describe("six tabs on one stream", () => {
  const livemesh = new Livemesh();
  let tabs: Tabs;
  let stream: RunningStream;
  let viewers: Viewer[];

  // One swarm for all of these: what is asked of it changes nothing in it.
  test.beforeAll(async ({ browser }) => {
    tabs = new Tabs(browser);
    stream = await livemesh.serve();
    viewers = await Promise.all(
      Array.from({ length: 6 }, () => tabs.open(stream.watchUrl, [recordAppends])),
    );
    await allPlayOn(viewers, 10);
  });

  test.afterAll(async () => {
    await tabs.close();
    await livemesh.close();
  });

  test("every tab shows moving pictures", async () => {
    await allPlayOn(viewers, 50);
    for (const viewer of viewers) {
      const stats = await viewer.stats();
      expect(stats.streamId).toBe(stream.streamId);
      expect(stats.playedMs).toBeGreaterThan(1000);
      expect(stats.startupMs).toBeGreaterThan(0);
    }
  });

  test("all tabs are within a second of each other", async () => {
    const spread = async () => {
      const counters = await Promise.all(viewers.map((viewer) => viewer.counter()));
      const readable = counters.filter((counter) => counter !== undefined);
      return readable.length < viewers.length ? Number.NaN : counterSpread(readable);
    };
    await expect.poll(spread).toBeLessThanOrEqual(FRAMES_PER_SECOND);
  });

  test("the counter in the picture goes on", async () => {
    const [viewer] = viewers as [Viewer];
    const seen = new Set<number | undefined>();
    await expect
      .poll(async () => {
        seen.add(await viewer.counter());
        seen.delete(undefined);
        return seen.size;
      })
      .toBeGreaterThanOrEqual(5);
  });

  test("what reaches MediaSource is exactly what the origin publishes", async () => {
    const appended = await Promise.all(viewers.map((viewer) => newlyAppended(viewer, 10)));
    const published = new PublishedChunks(stream);
    for (const hashes of appended) expect(await published.foreign(hashes)).toEqual([]);
  });

  test("at least half of all block bytes come from other browsers", async () => {
    const share = async () => {
      const all = await Promise.all(viewers.map((viewer) => viewer.stats()));
      const fromPeers = all.reduce((sum, { bytes }) => sum + bytes.fromPeers, 0);
      const fromServer = all.reduce(
        (sum, { bytes }) => sum + bytes.fromSeeder + bytes.fromOrigin,
        0,
      );
      return fromPeers / (fromPeers + fromServer);
    };
    await expect.poll(share, { timeout: 30_000 }).toBeGreaterThanOrEqual(0.5);
  });

  test("nothing was refused, for nobody here lies", async () => {
    const rejected = (await Promise.all(viewers.map((viewer) => viewer.stats()))).map(
      ({ blocks }) => blocks.rejected,
    );
    expect(rejected).toEqual(viewers.map(() => 0));
  });
});
