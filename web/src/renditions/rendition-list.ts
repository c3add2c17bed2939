import { type StreamDescriptor, type TrackDescriptor, videoRenditions } from "#protocol";

/** One way to watch the stream, as people choose it. */
export type Rendition = {
  /** Of the track: `v0` … for pictures, `a0` for the sound alone. */
  id: string;
  kind: "video" | "audio";
  /** `720p`; with its rate, `720p 2.5 Mbit/s`, where several have the same size; "Audio only". */
  label: string;
  /** In pixels; null for sound alone and while it is not known. */
  width: number | null;
  height: number | null;
  /** Of picture and sound together, in bit/s, as measured by the publisher; 0 while it is not known. */
  bandwidth: number;
};

/** All ways to watch a stream, best first; the sound alone is the last, where there is a picture, too. */
export function renditionList(stream: Pick<StreamDescriptor, "tracks">): Rendition[] {
  const sound = stream.tracks.find(({ kind }) => kind === "audio");
  const pictures = videoRenditions(stream);
  const list = pictures.map((track) => ({
    id: track.id,
    kind: track.kind,
    label: labelOf(track, pictures),
    ...sizeOf(track),
    bandwidth: track.bitrateBps === 0 ? 0 : track.bitrateBps + (sound?.bitrateBps ?? 0),
  }));
  if (sound === undefined) return list;
  const { id, kind, bitrateBps: bandwidth } = sound;
  return [...list, { id, kind, label: "Audio only", width: null, height: null, bandwidth }];
}

function labelOf(track: TrackDescriptor, all: readonly TrackDescriptor[]): string {
  const label = linesOf(track);
  const isAlone = all.filter((other) => linesOf(other) === label).length === 1;
  if (isAlone || track.bitrateBps === 0) return label;
  return `${label} ${(track.bitrateBps / 1_000_000).toFixed(1)} Mbit/s`;
}

/** Upright pictures are named by their shorter side, too. */
function linesOf({ id, width, height }: TrackDescriptor): string {
  return width === undefined || height === undefined ? id : `${Math.min(width, height)}p`;
}

function sizeOf({ width = null, height = null }: Partial<Rendition> | TrackDescriptor) {
  return { width, height };
}
