import { FFMPEG_KINDS, isPlaylist } from "../ffmpeg/ffmpeg-kinds.ts";
import type { Source } from "../source.ts";
import { clipPath } from "./clip-path.ts";
import { DatagramSource } from "./datagram-source.ts";
import { FileSource } from "./file-source.ts";
import { HttpSource } from "./http-source.ts";
import { IntegersSource, integersRate, TEST_INTEGERS_INPUT } from "./integers-source.ts";
import { isMediaFile, MediaFileSource } from "./media-file-source.ts";
import { MPEG_TS_DATAGRAMS } from "./mpeg-ts-datagrams.ts";
import { parseAddress, parseUrl } from "./parse-address.ts";
import { RemuxedFileSource } from "./remuxed-file-source.ts";
import { RTP_DATAGRAMS } from "./rtp-datagrams.ts";
import {
  type SourceKind,
  type SourceOptions,
  SourceRegistry,
  unsupported,
} from "./source-registry.ts";
import { StreamSource } from "./stream-source.ts";
import { TcpListenSource } from "./tcp-listen-source.ts";
import { TcpSource } from "./tcp-source.ts";

/** The input that plays the built-in clip, endlessly. */
export const TEST_PATTERN_INPUT = "test://pattern";

/** The input that waits for encoders on the HTTP port. */
export const PUBLISH_INPUT = "publish://";

const tcp: SourceKind = {
  schemes: ["tcp"],
  form: "tcp://HOST:PORT",
  summary: "connect to a TCP server, again and again when it goes away",
  create: (input) => new TcpSource(input, parseAddress(input, tcp.form)),
};

const tcpListen: SourceKind = {
  schemes: ["tcp-listen"],
  form: "tcp-listen://HOST:PORT",
  summary: "wait for an encoder; the next one after it continues the stream",
  create: (input) => new TcpListenSource(input, parseAddress(input, tcpListen.form, 0)),
};

const udp: SourceKind = {
  schemes: ["udp"],
  form: "udp://HOST:PORT",
  summary: "MPEG-TS in UDP datagrams to an address of this machine or a multicast group",
  create: (input, options) =>
    new DatagramSource(input, parseAddress(input, udp.form, 0), MPEG_TS_DATAGRAMS, options),
};

const rtp: SourceKind = {
  schemes: ["rtp"],
  form: "rtp://HOST:PORT",
  summary: "the same in RTP, put in order",
  create: (input, options) =>
    new DatagramSource(input, parseAddress(input, rtp.form, 0), RTP_DATAGRAMS, options),
};

const httpPull: SourceKind = {
  schemes: ["http", "https"],
  accepts: (input) => !isPlaylist(input),
  form: "http(s)://HOST/PATH",
  summary: "fetch MPEG-TS from an HTTP server, again and again when it goes away",
  create: (input) => new HttpSource(parseUrl(input, httpPull.form)),
};

const publish: SourceKind = {
  schemes: ["publish"],
  accepts: (input) => input === PUBLISH_INPUT,
  form: PUBLISH_INPUT,
  summary: "wait for an encoder at /publish/KEY on the HTTP port: PUT, POST or a WebSocket",
  create: (input, { pushed }) => {
    if (pushed === undefined) throw unsupported(input, "a publish key is needed");
    return pushed(input);
  },
};

const standardInput: SourceKind = {
  schemes: ["-"],
  form: "-",
  summary: "standard input",
  create: () => new StreamSource("-", "standard input", () => process.stdin),
};

const file: SourceKind = {
  schemes: [""],
  form: "FILE",
  summary: "a file at its own pace, endless with --loop: .ts, .mp4, .mov, .mkv, .webm",
  canLoop: true,
  create: (input, { loop = false, transcode }) => {
    if (!isMediaFile(input)) return new FileSource(input, { loop });
    // The encoder reads bytes.
    return transcode === undefined
      ? new MediaFileSource(input, { loop })
      : new RemuxedFileSource(input, { loop });
  },
};

const testPattern: SourceKind = {
  schemes: ["test"],
  accepts: (input) => input === TEST_PATTERN_INPUT,
  form: TEST_PATTERN_INPUT,
  summary: "the built-in clip, endless; the default",
  canLoop: true,
  create: (input) => new FileSource(clipPath(), { name: input, loop: true }),
};

const testIntegers: SourceKind = {
  schemes: ["test"],
  accepts: (input) => integersRate(input) !== undefined,
  form: TEST_INTEGERS_INPUT,
  summary: "consecutive integers instead of media, for `livemesh peer` to check; ?rate=25 is KB/s",
  isMedia: false,
  create: (input) => new IntegersSource(input, integersRate(input)),
};

/**
 * What `--input` may name, in the order of the help. A module that registers a kind of its own here
 * before the command line is read adds it to `livemesh`: see examples/custom-source.
 */
export const sources = new SourceRegistry([
  tcp,
  tcpListen,
  udp,
  rtp,
  httpPull,
  publish,
  standardInput,
  file,
  testPattern,
  testIntegers,
  ...FFMPEG_KINDS,
]);

/**
 * The source that `--input` names. Opens nothing yet.
 * @throws {IngestError} `input-unsupported` with what there is, or what its kind throws.
 */
export function createSource(input: string, options: SourceOptions = {}): Source {
  return sources.create(input, options);
}
