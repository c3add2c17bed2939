import { createSocket } from "node:dgram";
import { once } from "node:events";
import { isIPv6 } from "node:net";
import { DECODE_SOON, ladderArgs } from "../ladder/ladder-args.ts";
import { TranscodedSource } from "../ladder/transcoded-source.ts";
import type { Source } from "../source.ts";
import { listenError } from "../sources/listen-error.ts";
import { maskSecrets, secretsOf } from "../sources/mask-secrets.ts";
import { parseUrl } from "../sources/parse-address.ts";
import { DEFAULT_SILENCE_MS } from "../sources/silence.ts";
import type { SourceKind, SourceOptions, SourceRegistry } from "../sources/source-registry.ts";
import { unsupported } from "../sources/source-registry.ts";
import { LIVE_INPUT } from "./ffmpeg-process.ts";
import { FfmpegSource, type FfmpegSourceOptions } from "./ffmpeg-source.ts";
import { findFfmpeg } from "./find-ffmpeg.ts";
import { RtmpSource } from "./rtmp-source.ts";

const RTMP_PORT = 1935;

/** For cameras, which give pictures as they are: H.264 without delay, a key frame a second. */
const ENCODE_VIDEO = [
  ...["-c:v", "libx264", "-preset", "veryfast", "-tune", "zerolatency", "-pix_fmt", "yuv420p"],
  ...["-b:v", "2500k", "-maxrate", "2500k", "-bufsize", "1250k"],
  ...["-force_key_frames", "expr:gte(t,n_forced)"],
];
/** Packets a device may be ahead of the other: fewer are dropped when one starts slowly. */
const QUEUE = ["-thread_queue_size", "64"];
const ENCODE_AUDIO = ["-c:a", "aac", "-b:a", "128k"];

/** What a playlist from a server may make ffmpeg open: nothing on this machine's disk. */
const OVER_HTTP = ["-protocol_whitelist", "http,https,tcp,tls,crypto,data"];

const srt: SourceKind = {
  schemes: ["srt"],
  form: "srt://HOST:PORT",
  summary: "call an SRT server, or wait for an encoder with ?mode=listener",
  needsFfmpeg: true,
  create(input, options, registry) {
    const url = parseUrl(input, srt.form);
    if (url.port === "") throw unsupported(input, `needed is ${srt.form}`);
    const isListener = url.searchParams.get("mode") === "listener";
    const listen = isListener && { listen: () => checkUdp(url) };
    const opened = isListener ? givingUpSilence(input) : input;
    return throughFfmpeg(input, [...LIVE_INPUT, "-i", opened], options, registry, { ...listen });
  },
};

const rtsp: SourceKind = {
  schemes: ["rtsp", "rtsps"],
  form: "rtsp://HOST/PATH",
  summary: "a camera or server that speaks RTSP",
  needsFfmpeg: true,
  create(input, options, registry) {
    parseUrl(input, rtsp.form);
    const overTcp = [...LIVE_INPUT, "-rtsp_transport", "tcp", "-i", input];
    return throughFfmpeg(input, overTcp, options, registry);
  },
};

/** Whether an address is one of an HLS playlist: its path says so. */
export function isPlaylist(input: string): boolean {
  return URL.canParse(input) && /\.m3u8?$/i.test(new URL(input).pathname);
}

const hls: SourceKind = {
  schemes: ["http", "https"],
  accepts: isPlaylist,
  form: "http(s)://HOST/PATH.m3u8",
  summary: "an HLS playlist",
  needsFfmpeg: true,
  create: (input, options, registry) =>
    throughFfmpeg(input, [...OVER_HTTP, "-i", input], options, registry),
};

/** Between a camera and the microphone that belongs to it. */
const WITH_MICROPHONE = "+alsa:";

const camera: SourceKind = {
  schemes: ["v4l2"],
  form: "v4l2:DEVICE[+alsa:DEVICE]",
  summary: "a camera, for one v4l2:/dev/video0+alsa:default with a microphone; H.264 and AAC",
  needsFfmpeg: true,
  create(input, options, registry) {
    const devices = rest(input, camera.form).split(WITH_MICROPHONE);
    const [device = "", sound] = devices;
    if (devices.length > 2 || devices.some((name) => name === "" || name.startsWith("-"))) {
      throw unsupported(input, `needed is ${camera.form}`);
    }
    const picture = [...LIVE_INPUT, ...QUEUE, "-f", "v4l2", "-i", device];
    if (sound === undefined) {
      return throughFfmpeg(input, picture, options, registry, {}, ENCODE_VIDEO);
    }
    // Both are stamped with this machine's clock, so that they stay together.
    const both = [...picture, ...LIVE_INPUT, ...QUEUE, "-f", "alsa", "-i", sound];
    return throughFfmpeg(input, both, options, registry, {}, [...ENCODE_VIDEO, ...ENCODE_AUDIO]);
  },
};

const microphone: SourceKind = {
  schemes: ["alsa"],
  form: "alsa:DEVICE",
  summary: "a microphone of this machine, for one alsa:default, encoded as AAC",
  needsFfmpeg: true,
  create(input, options, registry) {
    const device = [...LIVE_INPUT, "-f", "alsa", "-i", rest(input, microphone.form)];
    return throughFfmpeg(input, device, options, registry, {}, ENCODE_AUDIO);
  },
};

const anything: SourceKind = {
  schemes: ["ffmpeg"],
  form: "ffmpeg:INPUT",
  summary: "whatever ffmpeg opens with -i INPUT; its codecs are kept",
  needsFfmpeg: true,
  create(input, options, registry) {
    const inner = rest(input, anything.form);
    // A file is not late, and wants its first second.
    const live = inner.includes("://") ? LIVE_INPUT : [];
    return throughFfmpeg(input, [...live, "-i", inner], options, registry);
  },
};

const rtmp: SourceKind = {
  schemes: ["rtmp"],
  form: "rtmp://HOST:PORT/APP/KEY",
  summary: "wait for an encoder that sends RTMP and knows the stream key, as OBS does",
  needsFfmpeg: true,
  create(input, { ffmpeg: wanted, transcode: ladder }, registry) {
    const name = maskSecrets(input);
    const { hostname, port, pathname } = parseUrl(input, rtmp.form);
    const [, app = "", ...key] = pathname.split("/");
    const streamKey = decodeURIComponent(key.join("/"));
    if (app === "" || streamKey === "") throw unsupported(input, `needed is ${rtmp.form}`);
    const ffmpeg = findFfmpeg({ wanted, input: name, otherForms: registry.formsWithoutFfmpeg });
    const host = hostname.replace(/^\[(.*)\]$/, "$1");
    const address = { host, port: port === "" ? RTMP_PORT : Number(port) };
    const source = new RtmpSource(name, { address, streamKey, ffmpeg });
    // By an ffmpeg of its own: the one that hears an encoder does not know yet which stream it is for.
    return ladder === undefined ? source : new TranscodedSource(source, { ladder, ffmpeg });
  },
};

/** Inputs that an ffmpeg on this machine reads for us. */
export const FFMPEG_KINDS: readonly SourceKind[] = [
  rtmp,
  srt,
  rtsp,
  hls,
  camera,
  microphone,
  anything,
];

function throughFfmpeg(
  input: string,
  ffmpegInput: readonly string[],
  { ffmpeg: wanted, transcode: ladder }: SourceOptions,
  registry: SourceRegistry,
  options: FfmpegSourceOptions = {},
  codecs: readonly string[] = ["-c", "copy"],
): Source {
  const inner = input.replace(/^ffmpeg:/i, "");
  const name = input.slice(0, input.length - inner.length) + maskSecrets(inner);
  const path = findFfmpeg({ wanted, input: name, otherForms: registry.formsWithoutFfmpeg });
  const secrets = secretsOf(inner);
  const command =
    ladder === undefined
      ? { path, input: ffmpegInput, codecs, secrets }
      : { path, input: [...DECODE_SOON, ...ffmpegInput], codecs: ladderArgs(ladder), secrets };
  return new FfmpegSource(name, command, { ...options, ladder });
}

/**
 * An SRT address at which a caller that sends nothing is given up: ffmpeg serves one at a time, and
 * would wait for it for ever while others knock.
 */
function givingUpSilence(input: string): string {
  if (/[?&]timeout=/.test(input)) return input;
  return `${input}&timeout=${DEFAULT_SILENCE_MS * 1000}`;
}

/** What is behind the scheme. A dash would begin an option of ffmpeg. */
function rest(input: string, form: string): string {
  const text = input.slice(input.indexOf(":") + 1);
  if (text === "" || text.startsWith("-")) throw unsupported(input, `needed is ${form}`);
  return text;
}

/** Of a port that is taken ffmpeg tells nothing one could act on. */
async function checkUdp({ hostname, port, protocol, host }: URL): Promise<string> {
  const address = hostname.replace(/^\[(.*)\]$/, "$1");
  const socket = createSocket(isIPv6(address) ? "udp6" : "udp4");
  try {
    socket.bind({ port: Number(port), address, exclusive: true });
    await once(socket, "listening");
  } catch (error) {
    throw listenError(`${protocol}//${host}`, error);
  } finally {
    socket.close();
  }
  return `waiting for an encoder on ${protocol}//${host}`;
}
