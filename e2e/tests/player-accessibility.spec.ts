import { AxeBuilder } from "@axe-core/playwright";
import { EmbeddingPage } from "../support/embedding-page.ts";
import { expect, test } from "../support/test.ts";

for (const colorScheme of ["light", "dark"] as const) {
  test(`axe finds nothing serious in the player, ${colorScheme}`, async ({ livemesh, browser }) => {
    const stream = await livemesh.serve();
    const embedding = await EmbeddingPage.serve(stream, {
      style: ":root { color-scheme: light dark; } livemesh-player { width: 900px; }",
    });
    const context = await browser.newContext({ colorScheme });
    const page = await context.newPage();
    await page.goto(embedding.url);
    const player = page.locator("livemesh-player");
    await player.hover();
    const serious = async () => {
      const { violations } = await new AxeBuilder({ page }).include("livemesh-player").analyze();
      return violations
        .filter(({ impact }) => impact === "serious" || impact === "critical")
        .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
    };
    await expect(player.getByRole("button", { name: "Settings" })).toBeVisible();
    expect(await serious()).toEqual([]);
    await player.getByRole("button", { name: "Settings" }).click();
    expect(await serious()).toEqual([]);
    await page.keyboard.press("Escape");
    await page.keyboard.press("s");
    await expect(player.locator("canvas").first()).toBeVisible();
    expect(await serious()).toEqual([]);
    await context.close();
    await embedding.close();
  });
}

test("it can be used with the keyboard alone", async ({ livemesh, openViewer }) => {
  const stream = await livemesh.serve();
  const viewer = await openViewer(stream.watchUrl);
  const { page } = viewer;
  await viewer.playsOn(25);
  const player = page.locator("livemesh-player");
  const focused = () =>
    page.evaluate(() => {
      let element = document.activeElement;
      while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
      return element?.getAttribute("aria-label") ?? element?.id ?? "";
    });
  const tabTo = async (name: RegExp) => {
    // For as long as it takes, not so many stops: a machine presses faster than controls load.
    const next = async () => {
      if (name.test(await focused())) return focused();
      await page.keyboard.press("Tab");
      return focused();
    };
    await expect.poll(next, { timeout: 20_000, intervals: [20] }).toMatch(name);
  };
  // Before they are loaded there is one stop for them all, and the focus brings them about.
  await tabTo(/^video player$/);
  await expect(player.locator("media-play-button")).toBeVisible();
  // Once they were there, whoever came round the page a second time found no way in.
  await tabTo(/^share$/);
  await tabTo(/^pause$/);
  const isPaused = () =>
    player.locator("video").evaluate((video: HTMLVideoElement) => video.paused);
  await page.keyboard.press("k");
  await expect.poll(isPaused).toBe(true);
  await page.keyboard.press("k");
  await expect.poll(isPaused).toBe(false);

  await tabTo(/^Live/);
  await tabTo(/^Settings/);
  await page.keyboard.press("Enter");
  await expect(player.getByRole("dialog", { name: "Settings" })).toBeVisible();
  expect(await focused()).toBe("quality");
  await tabTo(/^latency$/);
  await page.keyboard.press("ArrowDown");
  await expect
    .poll(() => player.evaluate((element) => element.getAttribute("target-latency")))
    .toBe("1");
  await page.keyboard.press("Escape");
  expect(await focused()).toBe("Settings");
});

test("it speaks the language of the page around it", async ({ livemesh, openViewer }) => {
  const stream = await livemesh.serve();
  const embedding = await EmbeddingPage.serve(stream, { lang: "de-AT" });
  const { page } = await openViewer(embedding.url);
  const player = page.locator("livemesh-player");
  await player.hover();
  await expect(player.getByRole("button", { name: "Einstellungen" })).toBeVisible();
  await expect(player.getByRole("button", { name: "Vollbildmodus aktivieren" })).toBeVisible();
  await player.evaluate((element) => element.setAttribute("lang", "zh"));
  await expect(player.getByRole("button", { name: "设置" })).toBeVisible();
  await player.evaluate((element) => element.setAttribute("lang", "fr"));
  await expect(player.getByRole("button", { name: "Settings" })).toBeVisible();
  await embedding.close();
});
