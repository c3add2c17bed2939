// A tab that plays with hls.js and a mesh behind it, and answers as `<livemesh-player>` does.
import { createRequire } from "node:module";

const HLS_JS = createRequire(import.meta.url).resolve("hls.js/dist/hls.min.js");

/** @param watchUrl Of the stream; the playlist and our script are on the same server. */
export async function openHlsPlayer(page, watchUrl) {
  const { origin, pathname } = new URL(watchUrl);
  const streamId = pathname.split("/").at(-1);
  await page.goto(`${origin}/healthz`);
  await page.setContent(
    '<!doctype html><body style="margin:0"><video muted autoplay playsinline width="640" height="360"></video>',
  );
  await page.addScriptTag({ path: HLS_JS });
  await page.evaluate(playWithHls, { streamId, origin });
}

/** Runs in the page. */
async function playWithHls({ streamId, origin }) {
  const startedAtMs = performance.now();
  const { attachMesh } = await import(`${origin}/livemesh-hls.js`);
  const video = document.querySelector("video");
  const hls = new globalThis.Hls();
  const attached = attachMesh(hls);
  const seen = { startupMs: null, stalls: 0, stalledMs: 0, stalledAtMs: undefined };
  const settle = () => {
    if (seen.stalledAtMs !== undefined) seen.stalledMs += performance.now() - seen.stalledAtMs;
    seen.stalledAtMs = undefined;
  };
  video.requestVideoFrameCallback(() => {
    seen.startupMs = Math.round(performance.now() - startedAtMs);
  });
  video.addEventListener("playing", settle);
  video.addEventListener("waiting", () => {
    if (seen.startupMs === null || seen.stalledAtMs !== undefined || video.seeking) return;
    seen.stalls++;
    seen.stalledAtMs = performance.now();
  });
  const none = {
    fromPeers: 0,
    fromSeeder: 0,
    fromOrigin: 0,
    uploaded: 0,
    duplicate: 0,
    control: 0,
  };
  const player = document.createElement("livemesh-player");
  player.getStats = () => {
    const mesh = attached.mesh?.getStats();
    const running = seen.stalledAtMs === undefined ? 0 : performance.now() - seen.stalledAtMs;
    return {
      startupMs: seen.startupMs,
      latencyMs: seen.startupMs === null ? null : (mesh?.latencyMs ?? null),
      stalls: { count: seen.stalls, totalMs: seen.stalledMs + running },
      playedMs: Array.from({ length: video.played.length }, (_, i) => i).reduce(
        (sum, i) => sum + 1000 * (video.played.end(i) - video.played.start(i)),
        0,
      ),
      bytes: mesh?.bytes ?? none,
      blocks: mesh?.blocks ?? { received: 0, rejected: 0, repaired: 0 },
      neighbors: mesh?.neighbors ?? 0,
      droppedFrames: video.getVideoPlaybackQuality().droppedVideoFrames,
    };
  };
  document.body.append(player);
  hls.loadSource(`${origin}/streams/${streamId}/hls/master.m3u8`);
  hls.attachMedia(video);
}
