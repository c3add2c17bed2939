import { hlsMeshStats, runExamples, videoPlaysOn } from "../support/examples.ts";
import { expect, test } from "../support/test.ts";

const PLAYERS = ["hlsjs", "plyr", "videojs", "vidstack"];

test("hls.js, Plyr, Video.js and Vidstack feed each other, within three seconds of the source", async ({
  livemesh,
  browser,
}) => {
  const addresses = await runExamples(livemesh, PLAYERS);
  const contexts = await Promise.all(PLAYERS.map(() => browser.newContext()));
  const pages = await Promise.all(contexts.map((context) => context.newPage()));
  await Promise.all(pages.map((page, i) => page.goto(addresses.get(PLAYERS[i] ?? "") ?? "")));
  await Promise.all(pages.map((page) => videoPlaysOn(page, 3)));
  const stats = () => Promise.all(pages.map((page) => hlsMeshStats(page)));
  await expect
    .poll(async () => Math.max(...(await stats()).map((each) => each?.latencyMs ?? 1e9)), {
      timeout: 20_000,
    })
    .toBeLessThanOrEqual(3000);
  const share = async () => {
    const all = (await stats()).flatMap((each) => (each === undefined ? [] : [each.bytes]));
    const fromPeers = all.reduce((sum, bytes) => sum + bytes.fromPeers, 0);
    const others = all.reduce((sum, bytes) => sum + bytes.fromSeeder + bytes.fromOrigin, 0);
    return fromPeers / (fromPeers + others);
  };
  await expect.poll(share, { timeout: 30_000 }).toBeGreaterThanOrEqual(0.5);
  for (const each of await stats()) {
    // Who stands next to the seeder gets all from it, and gives.
    expect(each?.bytes.fromPeers || each?.bytes.uploaded).toBeGreaterThan(0);
    expect(each?.blocks.rejected).toBe(0);
  }
  await Promise.all(contexts.map((context) => context.close()));
});

test("without WebRTC, hls.js with a mesh plays as over plain HTTP", async ({ livemesh, page }) => {
  const addresses = await runExamples(livemesh, ["hlsjs"]);
  await page.addInitScript(() => Reflect.deleteProperty(window, "RTCPeerConnection"));
  await page.goto(addresses.get("hlsjs") ?? "");
  await videoPlaysOn(page, 4);
  const stats = await hlsMeshStats(page);
  expect(stats?.bytes.fromOrigin).toBeGreaterThan(0);
  expect(stats?.latencyMs).toBeLessThanOrEqual(3000);
});

test("forged media from the origin is not played", async ({ livemesh, page }) => {
  const addresses = await runExamples(livemesh, ["hlsjs"]);
  await page.addInitScript(() => Reflect.deleteProperty(window, "RTCPeerConnection"));
  let forged = 0;
  await page.route(/\/blocks\/|\/join$|\.m4s$/, async (route) => {
    try {
      const response = await route.fetch();
      const body = await response.body();
      if (body.length > 0) body[body.length - 1] = (body.at(-1) ?? 0) ^ 1;
      forged++;
      await route.fulfill({ response, body });
    } catch {
      // The page gave that request up, or is closed.
    }
  });
  await page.goto(addresses.get("hlsjs") ?? "");
  await expect
    .poll(async () => (await hlsMeshStats(page))?.blocks.rejected ?? 0)
    .toBeGreaterThan(4);
  expect(forged).toBeGreaterThan(0);
  const bufferedRanges = await page.evaluate(
    () => document.querySelector("video")?.buffered.length,
  );
  expect(bufferedRanges).toBe(0);
});
