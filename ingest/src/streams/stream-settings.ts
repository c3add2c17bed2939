import { DEFAULT_MESH_OPTIONS } from "#mesh";
import type { StatedTopology } from "#mesh/topology";
import type { Ladder } from "../ladder/ladder.ts";
import type { RecordLimit } from "../record/limit.ts";

/** What one stream is made of, as stated on the command line or in a file of streams. */
export type StreamSettings = {
  /** Undefined is the built-in clip. */
  input: string | undefined;
  loop: boolean;
  /** To join multicast groups on. */
  networkInterface?: string | undefined;
  /** What encoders that push over HTTP have to know. Default: a new one at each start. */
  publishKey?: string | undefined;
  /** Path of the ffmpeg to use. */
  ffmpeg?: string | undefined;
  /** What the input is encoded to; undefined passes it on as it is. */
  transcode?: Ladder | undefined;
  title: string;
  chunkMs: number;
  seederUploadBps: number;
  /** Copies of the stream its seeder sends, 1 to {@link SEEDER_COPIES_MAX}. Undefined: one. */
  seederCopies?: number | undefined;
  /** Undefined: the publisher's own, for a single stream. */
  keyFile: string | undefined;
  /** How far back HLS reaches; undefined is what memory has. */
  dvrMs?: number | undefined;
  /** How long nothing may come before a slate takes its place, in ms; undefined is no slate. */
  slateAfterMs?: number | undefined;
  /** For overlay `static`: who is linked to whom. Undefined: the mesh finds out. */
  topology?: StatedTopology | undefined;
  /** Whether a tracker that is not ours may change the length of chunks. Default false. */
  allowsExperiments?: boolean;
  /** Where to record to; undefined is nowhere. */
  recordDirectory?: string | undefined;
  recordLimit?: RecordLimit | undefined;
};

/** As many as a seeder has neighbors. */
export const SEEDER_COPIES_MAX = DEFAULT_MESH_OPTIONS.seederDegreeHigh;

/** Settings that streams of a file have in common where they do not say otherwise. */
export type SharedSettings = Pick<
  StreamSettings,
  | "networkInterface"
  | "ffmpeg"
  | "transcode"
  | "slateAfterMs"
  | "chunkMs"
  | "seederUploadBps"
  | "seederCopies"
  | "dvrMs"
  | "allowsExperiments"
  | "recordLimit"
>;

/** One of several streams of a process. */
export type NamedStream = { name: string; settings: StreamSettings };

/** Longer than an encoder that restarts its connection takes, shorter than viewers wait. In ms. */
const SLATE_AFTER_MS = 2000;

/** When the slate comes that is asked for with `--slate`. */
export function slateAfterMs(isWanted: boolean): number | undefined {
  return isWanted ? SLATE_AFTER_MS : undefined;
}
