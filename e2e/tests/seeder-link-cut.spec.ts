import { freePort } from "../support/free-port.ts";
import { seederFirewall } from "../support/seeder-firewall.ts";
import { expect, test } from "../support/test.ts";
import { allPlayOn, type Viewer } from "../support/viewer.ts";

test("mesh and origin carry on when nobody reaches the seeder any more", async ({
  livemesh,
  openViewer,
}) => {
  const udpPort = await freePort();
  const stream = await livemesh.serve(["--webrtc-port", String(udpPort)]);
  const firewall = seederFirewall(udpPort);
  const viewers = await Promise.all([1, 2, 3].map(() => openViewer(stream.watchUrl, [firewall])));
  await allPlayOn(viewers, 50);
  await expect.poll(async () => (await sums(viewers)).fromSeeder).toBeGreaterThan(100_000);
  expect(await cutSeeder(viewers)).toBeGreaterThan(0);
  const before = await sums(viewers);

  await allPlayOn(viewers, 125);

  const after = await sums(viewers);
  expect(after.fromOrigin).toBeGreaterThan(before.fromOrigin);
  expect(after.fromPeers).toBeGreaterThan(before.fromPeers);
  // What was under way when the links broke may still count.
  expect(after.fromSeeder - before.fromSeeder).toBeLessThan(100_000);
});

async function cutSeeder(viewers: readonly Viewer[]): Promise<number> {
  const broken = await Promise.all(
    viewers.map(({ page }) =>
      page.evaluate(() => (globalThis as unknown as { cutSeeder(): number }).cutSeeder()),
    ),
  );
  return broken.reduce((sum, count) => sum + count, 0);
}

async function sums(viewers: readonly Viewer[]) {
  const stats = await Promise.all(viewers.map((viewer) => viewer.stats()));
  const sum = (name: "fromSeeder" | "fromPeers" | "fromOrigin") =>
    stats.reduce((total, { bytes }) => total + bytes[name], 0);
  return {
    fromSeeder: sum("fromSeeder"),
    fromPeers: sum("fromPeers"),
    fromOrigin: sum("fromOrigin"),
  };
}
