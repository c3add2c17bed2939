import { chromium } from "@playwright/test";
import { CHROMIUM_FLAGS } from "../playwright.config.ts";
import { videoPlaysOn } from "../support/examples.ts";
import { expectAccessible, keepPictures } from "../support/page-pictures.ts";
import { expect, test } from "../support/test.ts";
import { allPlayOn } from "../support/viewer.ts";

test("a browser goes live with its camera, and two others watch without any server's media", async ({
  livemesh,
  openViewer,
}) => {
  const tracker = await livemesh.tracker();
  const browser = await chromium.launch({
    executablePath: process.env.LIVEMESH_CHROMIUM ?? "/usr/bin/chromium",
    args: [
      ...CHROMIUM_FLAGS,
      "--use-fake-device-for-media-stream",
      "--use-fake-ui-for-media-stream",
    ],
  });
  try {
    const page = await (await browser.newContext()).newPage();
    await page.goto(`${tracker.baseUrl}/broadcast`);
    await page.locator("#quality").selectOption("360");
    await page.getByRole("button", { name: "Camera" }).click();
    await page.locator("#stream-title").fill("From my desk");
    await page.getByRole("button", { name: "Go live" }).click();
    await expect(page.locator("#said")).toContainText("On air");
    await videoPlaysOn(page, 1);
    const watchUrl = await page.locator("#watch-link").inputValue();

    const viewers = [await openViewer(watchUrl), await openViewer(watchUrl)];
    await allPlayOn(viewers, 60);
    for (const viewer of viewers) {
      await expect(viewer.page.locator("h1")).toHaveText("From my desk");
    }
    await keepPictures(page, "broadcast");
    await expectAccessible(page);
    for (const viewer of viewers) {
      const { bytes, latencyMs } = await viewer.stats();
      expect(bytes.fromOrigin).toBe(0);
      expect(bytes.fromPeers + bytes.fromSeeder).toBeGreaterThan(0);
      expect(latencyMs).toBeLessThanOrEqual(5000);
    }
    // The key is this browser's: the same address again.
    await page.reload();
    await page.getByRole("button", { name: "Camera" }).click();
    await page.getByRole("button", { name: "Go live" }).click();
    await expect(page.locator("#watch-link")).toHaveValue(watchUrl);
    await allPlayOn(viewers, 30);
  } finally {
    await browser.close();
  }
});
