import { execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AUDIO, hasFfmpeg, makeMedia, VIDEO } from "../support/made-media.ts";
import { hearMore } from "../support/sound.ts";
import { expect, test } from "../support/test.ts";
import type { Viewer } from "../support/viewer.ts";

/** Size of the picture on screen. */
function size({ page }: Viewer): Promise<string> {
  return page.evaluate(() => {
    const video = document.querySelector("livemesh-player")?.shadowRoot?.querySelector("video");
    return `${video?.videoWidth}x${video?.videoHeight}`;
  });
}

// One encoder, one connection, time stamps that go on: only the parameters are others.
test("an encoder that changes size and frame rate is watched on, by the same media source", async ({
  livemesh,
  openViewer,
}) => {
  test.skip(!hasFfmpeg, "ffmpeg is not installed here");
  const folder = await mkdtemp(join(tmpdir(), "livemesh-e2e-size-"));
  try {
    const coding = { video: VIDEO.h264, audio: AUDIO.aac, seconds: 4 };
    const small = makeMedia(folder, "small.ts", { ...coding, size: "320x180" });
    const large = makeMedia(folder, "large.ts", {
      ...coding,
      size: "640x360",
      framesPerSecond: 30,
      output: "-output_ts_offset 4",
    });
    const clip = join(folder, "both.ts");
    execFileSync("sh", ["-c", `cat ${small} ${large} > ${clip}`]);
    const stream = await livemesh.serve(["--input", clip, "--loop"]);
    const viewer = await openViewer(stream.watchUrl);
    await viewer.playsOn(25);
    for (const wanted of ["640x360", "320x180", "640x360"]) {
      await expect.poll(() => size(viewer), { timeout: 20_000 }).toBe(wanted);
      await viewer.playsOn(25);
      await hearMore([viewer]);
    }
    const { renewals, stalls, state } = await viewer.stats();
    expect(state).toBe("playing");
    expect(renewals).toEqual({ count: 0, lastReason: null });
    expect(stalls.totalMs).toBeLessThan(2000);
  } finally {
    await rm(folder, { recursive: true });
  }
});
