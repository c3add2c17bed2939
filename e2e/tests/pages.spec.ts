import { listedStream } from "../support/api.ts";
import { Livemesh, type RunningStream } from "../support/livemesh.ts";
import { expectAccessible, keepPictures } from "../support/page-pictures.ts";
import { expect, test } from "../support/test.ts";

const livemesh = new Livemesh();
let stream: RunningStream;

test.beforeAll(async () => {
  stream = await livemesh.serve(["--title", "Harbor, east pier"]);
  await expect.poll(async () => (await listedStream(stream))?.live).toBe(true);
});
test.afterAll(() => livemesh.close());

test("the directory shows what a stream looks like, and finds it", async ({ page }) => {
  await page.goto(`${stream.baseUrl}/`);
  const card = page.locator(".card");
  await expect(card).toContainText("Harbor, east pier");
  await expect(card.locator("video[data-shown]")).toBeVisible();
  await keepPictures(page, "directory");
  await expectAccessible(page);
  await card.click();
  await expect(page).toHaveURL(stream.watchUrl);
});

test("the directory lists streams of another tracker, and remembers it", async ({ page }) => {
  const other = await livemesh.tracker();
  await page.goto(`${other.baseUrl}/`);
  await expect(page.locator("#empty")).toBeVisible();
  await keepPictures(page, "directory-empty");
  await expectAccessible(page);
  await page.locator("#tracker-url").fill("not a server");
  await page.keyboard.press("Enter");
  await expect(page.locator("#tracker-problem")).toContainText("no address of a server");
  await page.locator("#tracker-url").fill(stream.baseUrl.replace("http://", ""));
  await page.keyboard.press("Enter");
  await expect(page.locator(".card")).toContainText("Harbor, east pier");
  await page.reload();
  await expect(page.locator(".card a")).toHaveCount(0);
  await expect(page.locator("a.card")).toHaveAttribute("href", stream.watchUrl);
  await page.getByRole("button", { name: /^Remove/ }).click();
  await expect(page.locator("#empty")).toBeVisible();
});

test("the watch page says what plays, and is shared by link, code and frame", async ({ page }) => {
  await page.goto(stream.watchUrl);
  await expect(page.locator("h1")).toHaveText("Harbor, east pier");
  await expect(page.locator("#viewers")).toHaveText("1 viewer");
  await keepPictures(page, "watch");
  await page.getByRole("button", { name: "Share" }).click();
  await expect(page.locator("#share-link")).toHaveValue(stream.watchUrl);
  await expect(page.locator("#share-embed")).toHaveValue(/<iframe src=".*\/embed\/.*" width="640"/);
  await expect(page.locator("#qr img")).toBeVisible();
  await keepPictures(page, "watch-share");
  await expectAccessible(page);
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.locator("[data-copy='share-link']").click();
  await expect(page.locator("#share-said")).toHaveText("Copied");
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(stream.watchUrl);
  await page.keyboard.press("Escape");
  await expect(page.locator("#share-dialog")).toBeHidden();
});

test("whoever prefers the dark has it here from then on", async ({ page }) => {
  await page.emulateMedia({ colorScheme: "light" });
  await page.goto(`${stream.baseUrl}/`);
  const color = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await color();
  const theme = page.locator("#theme");
  await theme.click();
  await theme.click();
  await expect(theme).toHaveAccessibleName("Colors: dark");
  expect(await color()).not.toBe(light);
  await page.goto(stream.watchUrl);
  await expect(theme).toHaveAccessibleName("Colors: dark");
});

test("the watch page is there within a second", async ({ page }) => {
  await page.goto(stream.watchUrl);
  const loadMs = await page.evaluate(async () => {
    while (performance.timing.loadEventEnd === 0) await new Promise(requestAnimationFrame);
    return performance.timing.loadEventEnd - performance.timing.navigationStart;
  });
  expect(loadMs).toBeLessThanOrEqual(1000);
});
