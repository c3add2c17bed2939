/** Long enough for any sound card to wake up, in ms. */
const START_WITHIN_MS = 3000;

/**
 * Whether the sound of a capture reaches us. Browsers that do not hand out a track's samples
 * (Firefox) play them into an audio graph instead, which never starts on a machine without sound.
 */
export async function isHeard(): Promise<boolean> {
  if ("MediaStreamTrackProcessor" in window) return true;
  const context = new AudioContext();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), START_WITHIN_MS);
  });
  const started = context.resume().then(
    () => true,
    () => false,
  );
  const isRunning = await Promise.race([started, late]);
  clearTimeout(timer);
  void context.close();
  return isRunning;
}
