import { expect, test } from "../support/test.ts";
import { allPlayOn, type Viewer } from "../support/viewer.ts";

test("closing the tab that passes on most leaves the others playing", async ({
  livemesh,
  openViewer,
}) => {
  const stream = await livemesh.serve();
  const viewers = await Promise.all([1, 2, 3, 4].map(() => openViewer(stream.watchUrl)));
  await allPlayOn(viewers, 50);
  await expect
    .poll(async () => Math.max(...(await uploads(viewers))), { message: "somebody relays" })
    .toBeGreaterThan(200_000);

  const uploaded = await uploads(viewers);
  const busiest = viewers[uploaded.indexOf(Math.max(...uploaded))] as Viewer;
  const others = viewers.filter((viewer) => viewer !== busiest);
  const stalledBefore = await stalledMs(others);
  await busiest.page.close({ runBeforeUnload: false });

  await allPlayOn(others, 100);
  const stalledAfter = await stalledMs(others);
  for (const [i, viewer] of others.entries()) {
    expect((stalledAfter[i] ?? 0) - (stalledBefore[i] ?? 0)).toBeLessThan(2000);
    expect((await viewer.stats()).blocks.rejected).toBe(0);
  }
});

async function stalledMs(viewers: readonly Viewer[]): Promise<number[]> {
  const stats = await Promise.all(viewers.map((viewer) => viewer.stats()));
  return stats.map(({ stalls }) => stalls.totalMs);
}

async function uploads(viewers: readonly Viewer[]): Promise<number[]> {
  const stats = await Promise.all(viewers.map((viewer) => viewer.stats()));
  return stats.map(({ bytes }) => bytes.uploaded);
}
