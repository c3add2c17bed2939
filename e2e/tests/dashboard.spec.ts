import { listedStream } from "../support/api.ts";
import { MadeUpSwarm } from "../support/made-up-swarm.ts";
import { expectAccessible, keepPictures } from "../support/page-pictures.ts";
import { expect, test } from "../support/test.ts";

/** For how long frames are watched, in ms. */
const WATCHED_MS = 3000;

declare global {
  interface Window {
    /** What each frame of the page took to make, in ms. */
    frameCostsMs: number[];
  }
}

test("an operator looks at 500 peers, throttles one, changes the stream and takes a recording home", async ({
  page,
  livemesh,
}) => {
  // Five hundred sockets, on whatever machine.
  test.setTimeout(120_000);
  const stream = await livemesh.serve(["--title", "Harbor, east pier"]);
  await expect.poll(async () => (await listedStream(stream))?.live).toBe(true);
  const swarm = await MadeUpSwarm.join(stream, 500);
  await page.addInitScript(() => {
    window.frameCostsMs = [];
    const request = window.requestAnimationFrame.bind(window);
    window.requestAnimationFrame = (act) =>
      request((time) => {
        const beganMs = performance.now();
        act(time);
        window.frameCostsMs.push(performance.now() - beganMs);
      });
  });
  await page.setViewportSize({ width: 1440, height: 1000 });
  await page.goto(`${stream.baseUrl}/dashboard`);
  await expect(page.locator("#stream-title")).toHaveText("Harbor, east pier");
  await expect(page.locator("#mesh-facts")).toHaveText(/50[01] (peers|of)/);

  // While the picture still arranges itself, and news of 500 peers comes every two seconds.
  const costs = await page.evaluate(async (watchedMs) => {
    window.frameCostsMs = [];
    await new Promise((resolve) => setTimeout(resolve, watchedMs));
    return window.frameCostsMs;
  }, WATCHED_MS);
  costs.sort((a, b) => a - b);
  const at = (share: number) => costs[Math.floor(share * (costs.length - 1))] ?? 0;
  const figures = `${costs.length} frames in ${WATCHED_MS} ms; made in ${at(0.5).toFixed(1)} ms, 95 % in ${at(0.95).toFixed(1)} ms`;
  test.info().annotations.push({ type: "frames of 500 peers", description: figures });
  process.stdout.write(`    frames of 500 peers: ${figures}\n`);
  // 7 ms at the median, on a machine that was busy with other things; this is about a page that hangs.
  expect(at(0.1)).toBeLessThan(400);

  const [peerId = ""] = swarm.ids;
  await page.locator(`[data-peer="${peerId}"]`).click();
  await expect(page.locator("#peer h3")).toHaveText(`Viewer ${peerId}`);
  await expect(page.locator("#peer")).toContainText("From the seeder");
  await expect(page.locator("main")).not.toContainText("127.0.0.1");
  await page.locator("#throttle").click();
  await expect(page.locator("#experiment-now")).toContainText("1 under orders");

  await page.locator("#record").click();
  await expect(page.locator("#record")).toHaveText("Stop recording");
  await page.getByLabel("chunkMs").fill("400");
  await page.getByRole("button", { name: "Change for all peers" }).click();
  await expect(page.locator("#stream-facts")).toContainText("chunks of 400 ms");
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.locator("#export-events").click(),
  ]);
  expect(download.suggestedFilename()).toBe("livemesh-events.csv");
  await page.evaluate(() => scrollTo(0, 0));
  await keepPictures(page, "dashboard");
  swarm.close();
  await expectAccessible(page);
});
