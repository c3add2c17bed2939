import type { BrowserContext } from "@playwright/test";
import {
  type EmbeddingOptions,
  EmbeddingPage,
  type Leaks,
  openEmbedded,
} from "../support/embedding-page.ts";
import type { RunningStream } from "../support/livemesh.ts";
import { test as base, expect } from "../support/test.ts";
import type { Viewer } from "../support/viewer.ts";

type Embed = (
  stream: RunningStream,
  options?: EmbeddingOptions,
  context?: BrowserContext,
) => Promise<{ viewer: Viewer; leaks: Leaks }>;

/** A player on a page of another origin, with its WebSocket and its peer connections watched. */
const test = base.extend<{ embed: Embed }>({
  embed: async ({ browser }, use) => {
    const pages: EmbeddingPage[] = [];
    const contexts: BrowserContext[] = [];
    await use(async (stream, options, given) => {
      const page = await EmbeddingPage.serve(stream, options);
      const context = given ?? (await browser.newContext());
      pages.push(page);
      contexts.push(context);
      return openEmbedded(context, page.url);
    });
    await Promise.all(contexts.map((context) => context.close()));
    await Promise.all(pages.map((page) => page.close()));
  },
});

type Player = HTMLElement & {
  enableP2p(): void;
  pause(): void;
  play(): Promise<void>;
  getStats(): { neighbors: number; p2p: { isOn: boolean; reason?: string } };
};

const p2p = (viewer: Viewer) =>
  viewer.page.evaluate(() => (document.querySelector("livemesh-player") as Player).getStats().p2p);
const neighbors = (viewer: Viewer) =>
  viewer.page.evaluate(
    () => (document.querySelector("livemesh-player") as Player).getStats().neighbors,
  );

async function expectNothingLeft(viewer: Viewer, leaks: Leaks): Promise<void> {
  expect(await leaks.connectionsMade()).toBe(0);
  expect(leaks.candidates).toEqual([]);
  expect(leaks.sent.filter((frame) => frame.includes('"relay"'))).toEqual([]);
  const { bytes } = await viewer.stats();
  expect(bytes.uploaded + bytes.fromPeers + bytes.fromSeeder).toBe(0);
  expect(bytes.fromOrigin).toBeGreaterThan(0);
}

test("before consent it plays over HTTP and offers nobody a connection; with it, it joins", async ({
  livemesh,
  embed,
}) => {
  const stream = await livemesh.serve();
  const head = `<script>addEventListener("beforep2p", (event) => event.preventDefault())</script>`;
  const [{ viewer, leaks }] = await Promise.all([embed(stream, { head }), embed(stream)]);
  await viewer.playsOn(75);
  expect(await p2p(viewer)).toEqual({ isOn: false, reason: "no-consent" });
  await expectNothingLeft(viewer, leaks);

  await viewer.page.evaluate(() => {
    (document.querySelector("livemesh-player") as Player).enableP2p();
  });
  await expect.poll(() => neighbors(viewer)).toBeGreaterThan(0);
  await viewer.playsOn(50);
  expect(leaks.candidates).toContain("host");
});

test("relay-only reveals no address of this machine, and says that it lacks a relay", async ({
  livemesh,
  embed,
}) => {
  const stream = await livemesh.serve();
  const head = `<script>
    window.codes = [];
    document.addEventListener("DOMContentLoaded", () => document.querySelector("livemesh-player")
      .addEventListener("mesherror", ({ detail }) => codes.push(detail.code)));
  </script>`;
  const { viewer, leaks } = await embed(stream, {
    head,
    attributes: 'autoplay muted p2p="relay-only"',
  });
  await viewer.playsOn(75);
  const codes = () =>
    viewer.page.evaluate(() => (globalThis as unknown as { codes: string[] }).codes);
  await expect.poll(codes).toContain("ice-no-relay");
  // It tried, so there was something to reveal.
  expect(await leaks.connectionsMade()).toBeGreaterThan(0);
  expect(leaks.sent.filter((frame) => frame.includes("a=ice-ufrag")).length).toBeGreaterThan(0);
  expect(leaks.candidates.filter((kind) => kind !== "relay")).toEqual([]);
  expect((await viewer.stats()).bytes.fromOrigin).toBeGreaterThan(0);
});

test("an upload limit holds, and a budget ends what is sent, not what is seen", async ({
  livemesh,
  embed,
}) => {
  const stream = await livemesh.serve(["--seeder-upload", "1"]);
  const limit = 'autoplay muted upload-limit="0.2" upload-budget="0.15"';
  const { viewer } = await embed(stream, { attributes: limit });
  await viewer.playsOn(25);
  const sentBefore = { bytes: 0, atMs: performance.now() };
  const others = await Promise.all([embed(stream), embed(stream), embed(stream)]);
  await Promise.all(others.map(({ viewer: other }) => other.playsOn(25)));
  await expect
    .poll(() => p2p(viewer), { timeout: 40_000 })
    .toEqual({ isOn: false, reason: "budget-used-up" });
  const { uploaded } = (await viewer.stats()).bytes;
  const seconds = (performance.now() - sentBefore.atMs) / 1000;
  expect((uploaded * 8) / seconds).toBeLessThan(200_000 * 1.2);
  await viewer.playsOn(75);
  expect((await viewer.stats()).bytes.uploaded).toBe(uploaded);
});

test("nothing leaves where data is to be saved, unless the page allows it", async ({
  livemesh,
  embed,
  browser,
}) => {
  const stream = await livemesh.serve();
  const saving = async () => {
    const context = await browser.newContext();
    await context.addInitScript(() => {
      const connection = Object.assign(new EventTarget(), { saveData: true });
      Object.defineProperty(Navigator.prototype, "connection", { get: () => connection });
    });
    return context;
  };
  const [careful, allowed] = await Promise.all([
    embed(stream, {}, await saving()),
    embed(stream, { attributes: 'autoplay muted data-saver="off"' }, await saving()),
  ]);
  await Promise.all([careful.viewer.playsOn(75), allowed.viewer.playsOn(75)]);
  expect(await p2p(careful.viewer)).toEqual({ isOn: false, reason: "metered" });
  await expectNothingLeft(careful.viewer, careful.leaks);
  expect((await p2p(allowed.viewer)).isOn).toBe(true);
});

test("P2P waits for the audience it was told to wait for", async ({ livemesh, embed }) => {
  const stream = await livemesh.serve();
  const attributes = 'autoplay muted min-audience="2"';
  const first = await embed(stream, { attributes });
  await first.viewer.playsOn(50);
  expect(await p2p(first.viewer)).toEqual({ isOn: false, reason: "small-audience" });
  await expectNothingLeft(first.viewer, first.leaks);
  await embed(stream, { attributes });
  await expect.poll(() => p2p(first.viewer), { timeout: 30_000 }).toMatchObject({ isOn: true });
  await expect.poll(() => neighbors(first.viewer)).toBeGreaterThan(0);
});

test("a paused tab that nobody looks at shares nothing until somebody looks again", async ({
  livemesh,
  embed,
}) => {
  const stream = await livemesh.serve();
  const { viewer } = await embed(stream);
  await viewer.playsOn(50);
  await expect.poll(() => neighbors(viewer)).toBeGreaterThan(0);
  const look = (isHidden: boolean) =>
    viewer.page.evaluate((hidden) => {
      Object.defineProperty(document, "hidden", { get: () => hidden, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    }, isHidden);

  await look(true);
  expect((await p2p(viewer)).isOn).toBe(true);
  await viewer.page.evaluate(() => (document.querySelector("livemesh-player") as Player).pause());
  await expect.poll(() => p2p(viewer)).toEqual({ isOn: false, reason: "hidden" });
  expect(await neighbors(viewer)).toBe(0);
  await look(false);
  await expect.poll(() => neighbors(viewer)).toBeGreaterThan(0);
});

test("without autoplay nothing is asked for before somebody presses play", async ({
  livemesh,
  embed,
}) => {
  const stream = await livemesh.serve();
  const { viewer, leaks } = await embed(stream, { attributes: "muted" });
  await viewer.page.getByRole("button", { name: "Play" }).first().waitFor();
  expect(leaks.sent).toEqual([]);
  expect(await viewer.frames()).toBe(0);
  await viewer.page.getByRole("button", { name: "Play" }).first().click();
  await viewer.playsOn(50);
});
