import type { Page, TestInfo } from "@playwright/test";
import { type EmbeddingOptions, EmbeddingPage } from "../support/embedding-page.ts";
import { type Livemesh, type RunningStream, serveEncoder } from "../support/livemesh.ts";
import { test as base, expect, type PageScript } from "../support/test.ts";
import type { Viewer } from "../support/viewer.ts";

const STYLE = `:root { color-scheme: light dark; font-family: sans-serif; }
  body { margin: 0; } main { padding: 16px; } h1 { font-size: 18px; margin: 0 0 12px; }
  livemesh-player { max-width: 900px; }`;
const SIZES = { desktop: { width: 960, height: 620 }, phone: { width: 390, height: 320 } };

type Open = (
  stream: Pick<RunningStream, "baseUrl" | "watchUrl">,
  options?: EmbeddingOptions,
  scripts?: readonly PageScript[],
) => Promise<{ viewer: Viewer; page: Page; state(): Promise<string> }>;

const test = base.extend<{ open: Open }>({
  open: async ({ openViewer }, use) => {
    const pages: EmbeddingPage[] = [];
    await use(async (stream, options, scripts) => {
      const embedding = await EmbeddingPage.serve(stream, { style: STYLE, ...options });
      pages.push(embedding);
      const viewer = await openViewer(embedding.url, scripts);
      const state = () =>
        viewer.page.evaluate(
          () =>
            (document.querySelector("livemesh-player") as (HTMLElement & { state: string }) | null)
              ?.state ?? "",
        );
      return { viewer, page: viewer.page, state };
    });
    await Promise.all(pages.map((page) => page.close()));
  },
});

/** Artefacts for people: each state in light and dark, on a desktop and on a phone. */
async function picture(page: Page, name: string, info: TestInfo): Promise<void> {
  for (const [size, viewport] of Object.entries(SIZES)) {
    await page.setViewportSize(viewport);
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      const path = `test-results/player-looks/${name}-${size}-${colorScheme}.png`;
      await page.screenshot({ path, animations: "disabled" });
      await info.attach(`${name}, ${size}, ${colorScheme}`, { path, contentType: "image/png" });
    }
  }
  await page.setViewportSize(SIZES.desktop);
}

/** A stream whose id is known to nobody. */
async function goneStream(livemesh: Livemesh): Promise<RunningStream> {
  const tracker = await livemesh.tracker();
  const stream = await livemesh.ingest(tracker.baseUrl);
  await stream.process.stop();
  return stream;
}

const player = (page: Page) => page.locator("livemesh-player");

test("live, paused behind live, with settings, with statistics", async ({
  livemesh,
  open,
}, info) => {
  const stream = await livemesh.serve();
  const other = open(stream);
  const { viewer, page, state } = await open(stream);
  await Promise.all([viewer.playsOn(50), (await other).viewer.playsOn(50)]);
  await player(page).hover();
  await expect(player(page).locator(".live")).toHaveAttribute("data-live", "");
  await picture(page, "live", info);

  await player(page).getByRole("button", { name: "Settings" }).click();
  await picture(page, "settings", info);
  await page.keyboard.press("Escape");

  await page.keyboard.press("s");
  await expect(player(page).locator(".saved")).toContainText(/You saved the broadcaster \d+ %/);
  await viewer.playsOn(100);
  await picture(page, "statistics", info);
  await page.keyboard.press("s");

  await page.keyboard.press("k");
  await expect.poll(state).toBe("paused");
  await expect(player(page).locator(".live")).not.toHaveAttribute("data-live", "");
  await picture(page, "paused-behind-live", info);
  await player(page).getByRole("button", { name: "Jump to live" }).click();
  await expect(player(page).locator(".live")).toHaveAttribute("data-live", "");
  expect(await state()).toBe("playing");
});

test("before play: an offer to play over the poster", async ({ livemesh, open }, info) => {
  const stream = await livemesh.serve();
  const poster = `data:image/svg+xml,${encodeURIComponent(
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 9"><rect width="16" height="9" fill="#345"/></svg>',
  )}`;
  const { page, state, viewer } = await open(stream, { attributes: `muted poster='${poster}'` });
  await expect(player(page).locator(".play")).toBeVisible();
  await expect(player(page).locator(".poster")).toBeVisible();
  expect(await state()).toBe("idle");
  await picture(page, "idle", info);
  await player(page).locator(".play").click();
  await viewer.playsOn(25);
  await expect(player(page).locator(".poster")).toBeHidden();
});

test("muted by the browser: a hint that unmutes", async ({ livemesh, open }, info) => {
  const stream = await livemesh.serve();
  const { page, viewer } = await open(stream, { attributes: "autoplay" }, [
    () => {
      const play = HTMLMediaElement.prototype.play;
      HTMLMediaElement.prototype.play = function () {
        if (this.muted) return play.call(this);
        return Promise.reject(new DOMException("a click first", "NotAllowedError"));
      };
    },
  ]);
  await viewer.playsOn(25);
  const unmute = player(page).getByRole("button", { name: "Tap to unmute" });
  await expect(unmute).toBeVisible();
  await picture(page, "muted-by-browser", info);
  await unmute.click();
  await expect(unmute).toBeHidden();
  expect(
    await player(page)
      .locator("video")
      .evaluate((video: HTMLVideoElement) => video.muted),
  ).toBe(false);
});

test("connecting, while nobody has answered", async ({ livemesh, browser }, info) => {
  const stream = await livemesh.serve();
  const embedding = await EmbeddingPage.serve(stream, { style: STYLE });
  const context = await browser.newContext();
  const page = await context.newPage();
  // Requests that are never answered.
  await page.route(/\/streams\/|\/socket\.io\//, () => {});
  await page.routeWebSocket(/socket\.io/, () => {});
  await page.goto(embedding.url);
  await expect(player(page)).toContainText("Connecting…");
  await picture(page, "connecting", info);
  await context.close();
  await embedding.close();
});

test("stalled: nothing comes any more", async ({ livemesh, open }, info) => {
  const stream = await livemesh.serve();
  const { page, viewer, state } = await open(stream, { attributes: 'autoplay muted p2p="off"' });
  await viewer.playsOn(25);
  await player(page).hover();
  await expect(player(page).locator(".notice")).toContainText(
    "sharing with other viewers is switched off",
  );
  await picture(page, "p2p-off", info);
  await page.route(/\/streams\//, () => {});
  await expect.poll(state).toBe("buffering");
  await expect(player(page)).toContainText("Loading…");
  await picture(page, "stalled", info);
  await page.unroute(/\/streams\//);
  await viewer.playsOn(25);
});

test("the encoder is away, and comes back", async ({ livemesh, open }, info) => {
  const stream = await serveEncoder(livemesh);
  const encoder = livemesh.encoder(stream.encoderPort);
  const { page, viewer } = await open(stream);
  await viewer.playsOn(25);
  await encoder.kill();
  await expect(player(page)).toContainText("The broadcaster is offline", { timeout: 30_000 });
  await picture(page, "offline", info);
  livemesh.encoder(stream.encoderPort);
  await viewer.playsOn(25);
});

test("the stream has ended", async ({ livemesh, open }, info) => {
  const tracker = await livemesh.tracker();
  const stream = await livemesh.ingest(tracker.baseUrl);
  const { page, viewer, state } = await open(stream);
  await viewer.playsOn(25);
  await stream.process.stop();
  await expect.poll(state, { timeout: 30_000 }).toBe("ended");
  await expect(player(page)).toContainText("The stream has ended.");
  await picture(page, "ended", info);
});

test("no such stream", async ({ livemesh, open }, info) => {
  const { baseUrl, streamId } = await goneStream(livemesh);
  const tracker = await livemesh.tracker();
  expect(tracker.baseUrl).not.toBe(baseUrl);
  const watchUrl = `${tracker.baseUrl}/watch/${streamId}`;
  const { page } = await open({ baseUrl: tracker.baseUrl, watchUrl });
  await expect(player(page)).toContainText("It is not on this server yet");
  await picture(page, "no-such-stream", info);
});

test("a codec this browser lacks, and an address that is none", async ({
  livemesh,
  open,
}, info) => {
  const stream = await livemesh.serve();
  const { page, state } = await open(stream, {}, [
    () => {
      MediaSource.isTypeSupported = () => false;
    },
  ]);
  await expect(player(page)).toContainText(/cannot play/);
  expect(await state()).toBe("failed");
  await picture(page, "unsupported-codec", info);
  await player(page).evaluate((element) => element.setAttribute("src", "https://example.org/x"));
  await expect(player(page)).toContainText(/src must be a watch URL/);
});
