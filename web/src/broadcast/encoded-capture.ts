import {
  type EncodedPacket,
  getFirstEncodableAudioCodec,
  getFirstEncodableVideoCodec,
  MediaStreamAudioTrackSource,
  MediaStreamVideoTrackSource,
  Mp4OutputFormat,
  NullTarget,
  Output,
} from "mediabunny";
import type { EncodedFrame } from "./chunk-cutter.ts";
import { isHeard } from "./heard.ts";
import type { TrackKind } from "./outlet.ts";
import { type DecoderFacts, sampleOf } from "./track-coding.ts";

/** Newcomers begin at a key frame, in s. */
const KEY_FRAME_SEC = 2;
const AUDIO_BPS = 96_000;
/** Where a browser does not hand out a track's pictures, they are taken from the screen at this rate. */
const FRAMES_PER_SEC = 30;

export type CaptureQuality = { height: number; bitrateBps: number };

export type CaptureHandlers = {
  /** Which tracks there will be, before the first frame. */
  onTracks(kinds: readonly TrackKind[]): void;
  onFrame(kind: TrackKind, frame: EncodedFrame, facts: DecoderFacts): void;
  onFailure(error: Error): void;
};

export type Capture = {
  /** For people: `avc`, `vp9`, `opus`. */
  codecs: string[];
  /** There is sound, and this browser cannot send it. */
  isMute: boolean;
  stop(): Promise<void>;
};

/**
 * Encode a media stream as it comes: H.264 and AAC where the browser encodes them, for most players
 * decode them in hardware; else what it has.
 * @throws {TypeError} When this browser can encode nothing of it.
 */
export async function encodeCapture(
  stream: MediaStream,
  { height, bitrateBps }: CaptureQuality,
  { onTracks, onFrame, onFailure }: CaptureHandlers,
): Promise<Capture> {
  const output = new Output({ format: new Mp4OutputFormat(), target: new NullTarget() });
  const codecs: string[] = [];
  const kinds: TrackKind[] = [];
  const told = new Map<TrackKind, DecoderFacts>();
  const hear =
    (kind: TrackKind) =>
    (packet: EncodedPacket, meta?: { decoderConfig?: DecoderFacts | undefined }) => {
      if (meta?.decoderConfig !== undefined) told.set(kind, meta.decoderConfig);
      const facts = told.get(kind);
      if (facts === undefined) return;
      const frame: EncodedFrame = {
        bytes: sampleOf(facts.codec, packet.data),
        timestampUs: Math.round(packet.timestamp * 1e6),
        durationUs: Math.round(packet.duration * 1e6),
        isKeyFrame: packet.type === "key",
      };
      onFrame(kind, frame, facts);
    };

  const [picture] = stream.getVideoTracks();
  if (picture !== undefined) {
    const settings = picture.getSettings();
    const ratio = (settings.width ?? 16) / (settings.height ?? 9);
    const even = (value: number) => 2 * Math.round(value / 2);
    const size = { width: even(height * ratio), height: even(height) };
    const codec = await getFirstEncodableVideoCodec(["avc", "vp9", "av1"], {
      ...size,
      bitrate: bitrateBps,
    });
    if (codec === null) throw new TypeError("This browser encodes no video");
    const isHandedOut = "MediaStreamTrackProcessor" in window;
    const source = new MediaStreamVideoTrackSource(
      picture as MediaStreamVideoTrack,
      {
        codec,
        bitrate: bitrateBps,
        keyFrameInterval: KEY_FRAME_SEC,
        latencyMode: "realtime",
        transform: { ...size, fit: "contain" },
        onEncodedPacket: hear("video"),
      },
      isHandedOut ? {} : { frameRate: settings.frameRate ?? FRAMES_PER_SEC },
    );
    source.errorPromise.catch(onFailure);
    output.addVideoTrack(source);
    codecs.push(codec);
    kinds.push("video");
  }
  const [sound] = stream.getAudioTracks();
  if (sound !== undefined && (await isHeard())) {
    const codec = await getFirstEncodableAudioCodec(["aac", "opus"], { bitrate: AUDIO_BPS });
    if (codec !== null) {
      const source = new MediaStreamAudioTrackSource(sound as MediaStreamAudioTrack, {
        codec,
        bitrate: AUDIO_BPS,
        onEncodedPacket: hear("audio"),
      });
      source.errorPromise.catch(onFailure);
      output.addAudioTrack(source);
      codecs.push(codec);
      kinds.push("audio");
    }
  }
  if (codecs.length === 0) throw new TypeError("There is nothing in it to send");
  onTracks(kinds);
  await output.start();
  const isMute = sound !== undefined && !kinds.includes("audio");
  return { codecs, isMute, stop: () => output.cancel() };
}
