import { viewerIds } from "../support/api.ts";
import { Firefox, type FirefoxTab, firefoxPath } from "../support/firefox.ts";
import type { RunningStream } from "../support/livemesh.ts";
import { expect, test } from "../support/test.ts";
import { allPlayOn, type Viewer } from "../support/viewer.ts";

test.describe("Firefox and Chromium on one stream", () => {
  test.skip(firefoxPath === undefined, "firefox-esr is not installed here");
  test.setTimeout(120_000);

  test("feed each other: who came first passes on to who comes later", async ({
    livemesh,
    openViewer,
  }) => {
    const firefox = await Firefox.start(firefoxPath ?? "");
    try {
      const stream = await livemesh.serve();
      const foxes = [await firefox.open(stream.watchUrl), await firefox.open(stream.watchUrl)];
      await Promise.all(foxes.map((fox) => fox.playsOn(25)));
      const firstFoxes = await viewerIds(stream);
      const chromes = [await openViewer(stream.watchUrl), await openViewer(stream.watchUrl)];
      await allPlayOn(chromes, 25);
      await expectFed(chromes, firstFoxes);
      const chromiums = await newIds(stream, firstFoxes);

      // They come back as newcomers, with other ids, below those who stayed.
      await Promise.all(foxes.map((fox) => fox.page.reload()));
      await Promise.all(foxes.map((fox) => fox.playsOn(25)));
      await expectFed(foxes, chromiums);
      await allPlayOn(chromes, 25);
      for (const tab of [...foxes, ...chromes]) {
        const { blocks, unsupportedTracks, latencyMs } = await tab.stats();
        expect(blocks.rejected).toBe(0);
        expect(unsupportedTracks).toEqual([]);
        expect(latencyMs).toBeLessThanOrEqual(3000);
      }
    } finally {
      await firefox.close();
    }
  });
});

/** Enough to be blocks: in half a minute, everything else two peers say is a tenth of it. */
const MEDIA_BYTES = 100_000;

/** Waits until these tabs get stripes of the stream from those peers, a second's worth of media at least. */
async function expectFed(
  tabs: readonly (Viewer | FirefoxTab)[],
  by: readonly string[],
): Promise<void> {
  const fed = async () => {
    const all = await Promise.all(tabs.map((tab) => tab.stats()));
    const feeders = all.flatMap(({ neighborList }) =>
      neighborList.filter(({ peer, parentOf }) => by.includes(peer) && parentOf > 0),
    );
    return feeders.reduce((sum, { receivedBytes }) => sum + receivedBytes, 0);
  };
  await expect.poll(fed, { timeout: 30_000 }).toBeGreaterThanOrEqual(MEDIA_BYTES);
}

async function newIds(stream: RunningStream, known: readonly string[]): Promise<string[]> {
  return (await viewerIds(stream)).filter((id) => !known.includes(id));
}
