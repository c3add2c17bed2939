import { chromium, type Page } from "@playwright/test";
import { CHROMIUM_FLAGS } from "../playwright.config.ts";
import { videoPlaysOn } from "../support/examples.ts";
import { expectAccessible, keepPictures } from "../support/page-pictures.ts";
import { test as base, expect } from "../support/test.ts";
import { allPlayOn, type Viewer } from "../support/viewer.ts";

/** `/broadcast` is opened in a browser with a made-up camera, microphone and screen. */
const test = base.extend<{ openStudio: (baseUrl: string) => Promise<Page> }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names from this pattern.
  openStudio: async ({}, use) => {
    const browser = await chromium.launch({
      executablePath: process.env.LIVEMESH_CHROMIUM ?? "/usr/bin/chromium",
      args: [
        ...CHROMIUM_FLAGS,
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        "--auto-accept-this-tab-capture",
      ],
    });
    await use(async (baseUrl) => {
      const page = await (await browser.newContext()).newPage();
      await page.goto(`${baseUrl}/broadcast`);
      await page.locator("#quality").selectOption("360");
      return page;
    });
    await browser.close();
  },
});

test("a browser goes live with its camera, and two others watch without any server's media", async ({
  livemesh,
  openViewer,
  openStudio,
}) => {
  const tracker = await livemesh.tracker();
  const page = await openStudio(tracker.baseUrl);
  await page.getByRole("button", { name: "Camera" }).click();
  await page.locator("#stream-title").fill("From my desk");
  await page.getByRole("button", { name: "Go live" }).click();
  await expect(page.locator("#said")).toContainText("On air");
  await videoPlaysOn(page, 1);
  await expect(page.locator("#watch-link")).toHaveValue(/\/watch\//);
  const watchUrl = await page.locator("#watch-link").inputValue();

  const viewers = [await openViewer(watchUrl), await openViewer(watchUrl)];
  await allPlayOn(viewers, 60);
  for (const viewer of viewers) {
    await expect(viewer.page.locator("h1")).toHaveText("From my desk");
  }
  for (const viewer of viewers) {
    const { bytes } = await viewer.stats();
    expect(bytes.fromOrigin).toBe(0);
    expect(bytes.fromPeers + bytes.fromSeeder).toBeGreaterThan(0);
    await expectWithin(viewer, 5000);
  }
  await keepPictures(page, "broadcast");
  await expectAccessible(page);
  // The key is this browser's: the same address again.
  await page.reload();
  await page.getByRole("button", { name: "Camera" }).click();
  await page.getByRole("button", { name: "Go live" }).click();
  await expect(page.locator("#watch-link")).toHaveValue(watchUrl);
  await allPlayOn(viewers, 30);
});

test("a browser sends its camera to an ingest under a publish key, and two others watch", async ({
  livemesh,
  openViewer,
  openStudio,
}) => {
  const stream = await livemesh.serve([
    ...["--input", "publish://", "--publish-key", "correct-horse", "--title", "By way of a server"],
  ]);
  const page = await openStudio(stream.baseUrl);
  await page.getByRole("button", { name: "Camera" }).click();
  await page.getByLabel("A server, with a publish key").check();
  await page.locator("#publish-key").fill("wrong-horse");
  await page.getByRole("button", { name: "Go live" }).click();
  await expect(page.locator("#problem")).toContainText("this publish key is not known here");

  await page.locator("#publish-key").fill("correct-horse");
  await page.getByRole("button", { name: "Go live" }).click();
  await expect(page.locator("#watch-link")).toHaveValue(stream.watchUrl);
  const viewers = [await openViewer(stream.watchUrl), await openViewer(stream.watchUrl)];
  await allPlayOn(viewers, 40);
  for (const viewer of viewers) {
    await expectWithin(viewer, 5000);
    expect((await viewer.stats()).blocks.rejected).toBe(0);
  }
  await keepPictures(page, "broadcast-ingest");
  await expectAccessible(page);
  // Another source is the next encoder of the same stream.
  await page.getByRole("button", { name: "Stop" }).click();
  await page.getByRole("button", { name: "Screen" }).click();
  await page.getByRole("button", { name: "Go live" }).click();
  await allPlayOn(viewers, 40);
});

/** Latency may be anything while a machine encodes, decodes and takes pictures; it has to settle. */
async function expectWithin(viewer: Viewer, latencyMs: number): Promise<void> {
  await expect
    .poll(async () => (await viewer.stats()).latencyMs, { timeout: 20_000 })
    .toBeLessThanOrEqual(latencyMs);
}
