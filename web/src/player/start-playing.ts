/**
 * - `with-sound`: as wished.
 * - `muted`: the browser plays nothing aloud that nobody clicked on (autoplay policy).
 * - `refused`: not even that, for one in power saving; needs a click.
 */
export type PlayingStarted = "with-sound" | "muted" | "refused";

/** Begin to play, without sound if there is no other way. */
export async function startPlaying(
  video: Pick<HTMLVideoElement, "play" | "muted">,
): Promise<PlayingStarted> {
  const wasMuted = video.muted;
  if (await isAllowed(video)) return "with-sound";
  video.muted = true;
  if (await isAllowed(video)) return wasMuted ? "with-sound" : "muted";
  video.muted = wasMuted;
  return "refused";
}

async function isAllowed(video: Pick<HTMLVideoElement, "play">): Promise<boolean> {
  try {
    await video.play();
    return true;
  } catch (error) {
    // Anything else means that it was interrupted, by a pause or a new source: not refused.
    return !(error instanceof Error && error.name === "NotAllowedError");
  }
}
