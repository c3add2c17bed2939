/**
 * The counter in the built-in clip as ten boxes at the foot of the picture: white, eight bits of
 * the frame number modulo {@link COUNTER_FRAMES} with the highest first, black. Geometry:
 * ingest/clip/README.md.
 */
export const COUNTER_BOXES = {
  width: 640,
  height: 360,
  count: 10,
  firstCenterX: 32,
  pitchX: 64,
  centerY: 320,
} as const;

/** Frames after which the clip starts over, seamlessly. */
export const COUNTER_FRAMES = 240;
export const FRAMES_PER_SECOND = 25;

/** Runs in the page. Undefined when no frame with a readable counter is on screen. */
export function readCounter(
  video: HTMLVideoElement,
  boxes: typeof COUNTER_BOXES,
): number | undefined {
  if (video.videoWidth === 0) return undefined;
  const canvas = new OffscreenCanvas(boxes.width, boxes.height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (context === null) return undefined;
  context.drawImage(video, 0, 0, boxes.width, boxes.height);
  const lumas = Array.from({ length: boxes.count }, (_, box) => {
    const x = boxes.firstCenterX + box * boxes.pitchX;
    const pixels = context.getImageData(x - 2, boxes.centerY - 2, 4, 4).data;
    return pixels.reduce((sum, value, at) => (at % 4 === 3 ? sum : sum + value), 0) / (16 * 3);
  });
  const bits = lumas.map((luma) => (luma > 190 ? 1 : luma < 64 ? 0 : undefined));
  if (bits.includes(undefined) || bits[0] !== 1 || bits[boxes.count - 1] !== 0) return undefined;
  return bits.slice(1, -1).reduce<number>((number, bit) => number * 2 + (bit ?? 0), 0);
}

/** Frames from the first to the last of some tabs, the shorter way around. */
export function counterSpread(counters: readonly number[]): number {
  return Math.max(
    ...counters.flatMap((a) =>
      counters.map((b) => {
        const apart = Math.abs(a - b);
        return Math.min(apart, COUNTER_FRAMES - apart);
      }),
    ),
  );
}
