import { execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { erase, letters, popOn, rollUp, script, writeCaptions } from "../support/caption-writer.ts";
import { hasFfmpeg, makeMedia } from "../support/made-media.ts";
import { expect, test } from "../support/test.ts";
import type { Viewer } from "../support/viewer.ts";

let folder: string;
test.beforeEach(async () => {
  test.skip(!hasFfmpeg, "ffmpeg is not installed here");
  folder = await mkdtemp(join(tmpdir(), "livemesh-e2e-captions-"));
});
test.afterEach(() => (folder === undefined ? undefined : rm(folder, { recursive: true })));

/** Eight seconds: one caption from 2 to 4 s, another word by word from 5 s on. */
const SCRIPT = script({
  [2 * 25 - 12]: popOn("HELLO MESH"),
  [4 * 25]: erase(),
  [5 * 25]: rollUp("SPOKEN"),
  [6 * 25]: letters(" LIVE"),
  [7 * 25]: erase(),
});

function captionedClip(): string {
  const video = "-c:v libx264 -preset ultrafast -g 25 -bf 0 -pix_fmt yuv420p";
  const raw = makeMedia(folder, "raw.h264", { video, seconds: 8 });
  writeCaptions(raw, SCRIPT);
  const clip = join(folder, "captions.ts");
  const words = `-v error -fflags +genpts -r 25 -f h264 -i ${raw} -c copy ${clip}`;
  execFileSync("ffmpeg", words.split(" "));
  return clip;
}

type ShownCue = { label: string; text: string; lengthSec: number };

/** What would be on screen now, and how long it will have been. */
function shownCues({ page }: Viewer): Promise<ShownCue[]> {
  return page.evaluate(() => {
    const video = document.querySelector("livemesh-player")?.shadowRoot?.querySelector("video");
    return [...(video?.textTracks ?? [])].flatMap(({ kind, label, activeCues }) =>
      [...(activeCues ?? [])].map((cue) => ({
        label: `${kind} ${label}`,
        text: (cue as VTTCue).text,
        lengthSec: cue.endTime - cue.startTime,
      })),
    );
  });
}

test("captions in the pictures reach the player's text tracks while they are said", async ({
  livemesh,
  openViewer,
}) => {
  const stream = await livemesh.serve(["--input", captionedClip(), "--loop"]);
  const viewer = await openViewer(stream.watchUrl);
  await viewer.playsOn(25);
  const label = "captions CC1";
  const popped = () => expect.objectContaining({ label, text: "HELLO MESH" });
  await expect.poll(() => shownCues(viewer), { timeout: 20_000 }).toContainEqual(popped());
  // A line that is being spoken is there before it is complete.
  const texts = async () => (await shownCues(viewer)).map(({ text }) => text);
  await expect.poll(texts, { timeout: 20_000 }).toEqual(["SPOKEN"]);
  await expect.poll(texts, { timeout: 20_000 }).toEqual(["SPOKEN LIVE"]);
  // It stands as long as it stood for whoever made it.
  const lengths = await viewer.page.evaluate(() => {
    const video = document.querySelector("livemesh-player")?.shadowRoot?.querySelector("video");
    const cues = [...(video?.textTracks[0]?.cues ?? [])] as VTTCue[];
    return cues
      .filter(({ text }) => text === "HELLO MESH")
      .map((cue) => cue.endTime - cue.startTime);
  });
  expect(lengths[0]).toBeGreaterThan(1.8);
  expect(lengths[0]).toBeLessThan(2.6);

  const master = await fetch(`${stream.baseUrl}/streams/${stream.streamId}/hls/master.m3u8`);
  const playlist = await master.text();
  expect(playlist).toContain('TYPE=CLOSED-CAPTIONS,GROUP-ID="captions",NAME="CC1"');
  expect(playlist).toContain('CLOSED-CAPTIONS="captions"');
});

test("captions are switched on beside the controls, and a stream without any has no switch", async ({
  livemesh,
  openViewer,
}) => {
  const stream = await livemesh.serve(["--input", captionedClip(), "--loop"]);
  const viewer = await openViewer(stream.watchUrl);
  const player = viewer.page.locator("livemesh-player");
  const button = player.locator("media-captions-button");
  await viewer.playsOn(25);
  await expect
    .poll(async () => {
      await player.hover();
      return button.isVisible();
    })
    .toBe(true);
  await button.click();
  const mode = () =>
    viewer.page.evaluate(() => {
      const video = document.querySelector("livemesh-player")?.shadowRoot?.querySelector("video");
      return video?.textTracks[0]?.mode;
    });
  await expect.poll(mode).toBe("showing");
  await expect.poll(() => shownCues(viewer), { timeout: 20_000 }).not.toEqual([]);
  if (process.env.LIVEMESH_SCREENSHOTS) {
    await viewer.page.screenshot({ path: join(process.env.LIVEMESH_SCREENSHOTS, "captions.png") });
  }
});
