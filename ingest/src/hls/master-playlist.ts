import { startVideo, type TrackDescriptor, videoRenditions } from "#protocol";

/** A track as the master playlist presents it. */
export type Rendition = {
  track: TrackDescriptor;
  peakBps: number;
  averageBps: number;
  framesPerSecond: number | undefined;
};

const AUDIO_GROUP = "audio";
const CAPTIONS_GROUP = "captions";
/** What is announced over what was measured: the rate to come may be higher. */
const HEADROOM = 1.1;

/** The multivariant playlist: video with its sound in a group of its own, and sound alone. Players begin
 * with the first variant. */
export function writeMasterPlaylist(renditions: readonly Rendition[]): string {
  const audio = renditions.filter(({ track }) => track.kind === "audio");
  const video = renditions.filter(({ track }) => track.kind === "video");
  const lines = ["#EXTM3U", "#EXT-X-VERSION:9"];
  if (video.length > 0) {
    const captions = captionsOf(video);
    lines.push(...audio.map(mediaLine), ...captions.map(captionsLine));
    lines.push(...inOrder(video).flatMap((picture) => variant(picture, audio, captions)));
  }
  // Of several pictures one may be too much; of one, the choice is not offered.
  if (video.length !== 1) lines.push(...audio.flatMap((sound) => variant(sound, [])));
  return `${lines.join("\n")}\n`;
}

/** The one that newcomers begin with, then the others, best first. */
function inOrder(video: readonly Rendition[]): Rendition[] {
  const tracks = video.map(({ track }) => track);
  const start = startVideo({ tracks });
  const ids = [start, ...videoRenditions({ tracks }).filter((track) => track !== start)];
  return ids.flatMap((track) => video.filter((rendition) => rendition.track === track));
}

function mediaLine({ track }: Rendition, index: number): string {
  const channels = track.channels === undefined ? "" : `,CHANNELS="${track.channels}"`;
  const isDefault = index === 0 ? "YES" : "NO";
  return (
    `#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="${AUDIO_GROUP}",NAME="${track.id}"` +
    `,DEFAULT=${isDefault},AUTOSELECT=YES${channels},URI="${playlistUri(track)}"`
  );
}

/** All pictures are made of one, so what is in one is in all (RFC 8216bis, 4.4.6.2.1, wants it so). */
function captionsOf(video: readonly Rendition[]): string[] {
  return [...new Set(video.flatMap(({ track }) => track.captions ?? []))].sort();
}

function captionsLine(channel: string): string {
  return (
    `#EXT-X-MEDIA:TYPE=CLOSED-CAPTIONS,GROUP-ID="${CAPTIONS_GROUP}",NAME="${channel}"` +
    `,DEFAULT=NO,AUTOSELECT=YES,INSTREAM-ID="${channel}"`
  );
}

function variant(
  main: Rendition,
  audio: readonly Rendition[],
  captions: readonly string[] = [],
): string[] {
  const { width, height } = main.track;
  const codecs = new Set([main, ...audio].map(({ track }) => track.codec));
  const attributes = [
    `BANDWIDTH=${bps(main.peakBps + most(audio.map(({ peakBps }) => peakBps)))}`,
    `AVERAGE-BANDWIDTH=${bps(main.averageBps + most(audio.map(({ averageBps }) => averageBps)))}`,
    `CODECS="${[...codecs].join(",")}"`,
    ...(width === undefined || height === undefined ? [] : [`RESOLUTION=${width}x${height}`]),
    ...(main.framesPerSecond === undefined
      ? []
      : [`FRAME-RATE=${main.framesPerSecond.toFixed(3)}`]),
    ...(audio.length === 0 ? [] : [`AUDIO="${AUDIO_GROUP}"`]),
    ...(captions.length === 0 ? [] : [`CLOSED-CAPTIONS="${CAPTIONS_GROUP}"`]),
  ];
  return [`#EXT-X-STREAM-INF:${attributes.join(",")}`, playlistUri(main.track)];
}

function playlistUri({ id }: TrackDescriptor): string {
  return `${id}/playlist.m3u8`;
}

function most(values: readonly number[]): number {
  return Math.max(0, ...values);
}

function bps(value: number): number {
  return Math.max(1, Math.ceil(value * HEADROOM));
}
