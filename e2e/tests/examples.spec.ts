import { listedStream } from "../support/api.ts";
import { runExamples, videoPlaysOn } from "../support/examples.ts";
import { expect, test } from "../support/test.ts";

const NAMES = ["html", "react", "vue", "svelte"];

test("the player plays in plain HTML, React, Vue and Svelte", async ({ livemesh, page }) => {
  const addresses = await runExamples(livemesh, NAMES);
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(error.message));
  for (const address of addresses.values()) {
    await page.goto(address);
    await videoPlaysOn(page, 1);
  }
  expect(problems).toEqual([]);
});

test("a page steers the player in its frame, and hears of it", async ({ livemesh, page }) => {
  const addresses = await runExamples(livemesh, ["iframe"]);
  await page.goto(addresses.get("iframe") ?? "");
  const state = page.locator("#state");
  await expect(state).toHaveText("playing");
  await page.locator("#pause").click();
  await expect(state).toHaveText("paused");
  await page.locator("#play").click();
  await expect(state).toHaveText("playing");
  const told = await page.evaluate(async () => {
    const { embed } = window as unknown as {
      embed: {
        getStats(): Promise<{ playedMs: number }>;
        setAttribute(name: string, text: string): Promise<void>;
      };
    };
    const { playedMs } = await embed.getStats();
    const refusal = await embed.setAttribute("src", "https://elsewhere.example/").catch(String);
    return { playedMs, refusal };
  });
  expect(told.playedMs).toBeGreaterThan(0);
  expect(told.refusal).toMatch(/setAttribute: one of .*, got "src"/);
});

test("a link to a stream unfolds to its title and picture, and to a frame by oEmbed", async ({
  livemesh,
  page,
}) => {
  const stream = await livemesh.serve(["--title", "Harbor & <sea>"]);
  await expect.poll(async () => (await listedStream(stream))?.live).toBe(true);
  await page.goto(stream.watchUrl);
  const tag = (property: string) =>
    page.locator(`meta[property="${property}"]`).first().getAttribute("content");
  expect(await tag("og:title")).toBe("Harbor & <sea>");
  const oembed = await page.locator("link[type='application/json+oembed']").getAttribute("href");
  const answer = await (await page.request.get(oembed ?? "")).json();
  expect(answer).toMatchObject({ type: "video", title: "Harbor & <sea>", width: 640 });
  const still = stream.watchUrl.replace("/watch/", "/streams/");
  await expect.poll(async () => (await page.request.get(`${still}/still.mp4`)).status()).toBe(200);
  // A page elsewhere shows the picture without a server that decodes.
  await page.setContent(`<video muted preload="auto" src="${still}/still.mp4"></video>`);
  await expect
    .poll(() => page.locator("video").evaluate((video: HTMLVideoElement) => video.readyState))
    .toBeGreaterThanOrEqual(2);
});
