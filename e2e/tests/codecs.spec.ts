import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AUDIO, hasFfmpeg, makeMedia, VIDEO } from "../support/made-media.ts";
import { hearMore, soundBytes } from "../support/sound.ts";
import { expect, test } from "../support/test.ts";
import type { Viewer } from "../support/viewer.ts";

let folder: string;
test.beforeEach(async () => {
  test.skip(!hasFfmpeg, "ffmpeg is not installed here");
  folder = await mkdtemp(join(tmpdir(), "livemesh-e2e-codecs-"));
});
test.afterEach(() => (folder === undefined ? undefined : rm(folder, { recursive: true })));

/** What the page was told about codecs, by event. */
const LISTEN = `
  globalThis.told = [];
  addEventListener("DOMContentLoaded", () => {
    const player = document.querySelector("livemesh-player");
    for (const name of ["unsupportedcodec", "mesherror"]) {
      player.addEventListener(name, ({ type, detail }) => told.push({ type, detail }));
    }
  });
`;

function told({ page }: Viewer): Promise<unknown[]> {
  return page.evaluate(() => (globalThis as unknown as { told: unknown[] }).told);
}

for (const [name, video, audio] of [
  ["vp9.webm", VIDEO.vp9, AUDIO.opus],
  ["av1.mp4", VIDEO.av1, AUDIO.opus],
] as const) {
  test(`is seen and heard as it is: ${name}`, async ({ livemesh, openViewer }) => {
    const input = makeMedia(folder, name, { video, audio });
    const stream = await livemesh.serve(["--input", input, "--loop"]);
    const viewer = await openViewer(stream.watchUrl);
    await viewer.playsOn(75);
    await hearMore([viewer]);
    const { renewals, unsupportedTracks } = await viewer.stats();
    expect(renewals).toEqual({ count: 0, lastReason: null });
    expect(unsupportedTracks).toEqual([]);
  });
}

test("a picture in a codec the browser lacks is named, and the sound plays", async ({
  livemesh,
  openViewer,
}) => {
  const input = makeMedia(folder, "hevc.ts", { video: VIDEO.hevc, audio: AUDIO.aac });
  const stream = await livemesh.serve(["--input", input, "--loop"]);
  const viewer = await openViewer(stream.watchUrl, [LISTEN]);
  await hearMore([viewer]);
  await hearMore([viewer]);
  const message = viewer.page.locator("livemesh-player .words");
  await expect(message).toBeVisible();
  await expect(message).toHaveText(
    /^Sound only: .* H\.265 \(HEVC\) \(hvc1\.1\.6\.L\d+\.90\) video\.$/,
  );
  const track = { id: "v0", kind: "video", name: "H.265 (HEVC)", codec: expect.any(String) };
  const { unsupportedTracks, state } = await viewer.stats();
  expect(state).toBe("playing");
  expect(unsupportedTracks).toEqual([track]);
  expect(await told(viewer)).toEqual([{ type: "unsupportedcodec", detail: { tracks: [track] } }]);
  if (process.env.LIVEMESH_SCREENSHOTS) {
    await viewer.page.screenshot({ path: join(process.env.LIVEMESH_SCREENSHOTS, "hevc.png") });
  }
});

// Firefox and Safari have MP3 in MP4; Chromium's MediaSource has not.
for (const [audio, codec, codecName] of [
  ["ac3", "ac-3", "AC-3"],
  ["mp3", "mp4a.6b", "MP3"],
] as const) {
  test(`sound in a codec the browser lacks is named, and the picture plays: ${audio}`, async ({
    livemesh,
    openViewer,
  }) => {
    const input = makeMedia(folder, "film.ts", { video: VIDEO.h264, audio: AUDIO[audio] });
    const stream = await livemesh.serve(["--input", input, "--loop"]);
    const viewer = await openViewer(stream.watchUrl, [LISTEN]);
    await viewer.playsOn(75);
    expect(await soundBytes(viewer)).toBe(0);
    const { unsupportedTracks } = await viewer.stats();
    expect(unsupportedTracks).toEqual([{ id: "a0", kind: "audio", codec, name: codecName }]);
    // The bar comes when somebody reaches for it.
    await viewer.page.locator("livemesh-player").hover();
    await expect(viewer.page.locator("livemesh-player .notice")).toHaveText(
      `No sound: this browser cannot play ${codecName} (${codec}).`,
    );
  });
}

test("a stream without anything the browser can play says so instead of staying black", async ({
  livemesh,
  openViewer,
}) => {
  const input = makeMedia(folder, "hevc.mp4", { video: VIDEO.hevc });
  const stream = await livemesh.serve(["--input", input, "--loop"]);
  const viewer = await openViewer(stream.watchUrl, [LISTEN]);
  const message = viewer.page.locator("livemesh-player .words");
  await expect(message).toHaveText(/cannot play the stream's codec, H\.265 \(HEVC\)/);
  expect((await viewer.stats()).state).toBe("failed");
  expect(await told(viewer)).toMatchObject([
    { type: "unsupportedcodec" },
    { type: "mesherror", detail: { code: "unsupported-codec" } },
  ]);
});
