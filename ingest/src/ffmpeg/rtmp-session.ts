import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { type Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout as delay } from "node:timers/promises";
import { FfmpegProcess, LIVE_INPUT } from "./ffmpeg-process.ts";
import { RtmpPublishReader } from "./rtmp-publish-reader.ts";

export type RtmpSessionOptions = {
  /** Path of the program. */
  ffmpeg: string;
  /** How long an encoder may take to say what it publishes, in ms. */
  publishWithinMs: number;
  /** Takes the MPEG-TS of who publishes this stream key. @returns Why it does not, if it does not. */
  accept(streamKey: string, media: Readable): string | undefined;
};

/** Until ffmpeg listens: a cold start loads a hundred libraries. In ms. */
const LISTENS_WITHIN_MS = 10_000;
const CONNECT_PAUSE_MS = 20;

/**
 * One encoder's RTMP, which passes through us to an ffmpeg of its own: so the port stays open for
 * the next encoder, and nothing comes out before the stream key was found right. Ends when the
 * encoder or ffmpeg does, and leaves neither behind.
 * @throws {Error} In one line, when nothing came out: the encoder was refused, or ffmpeg failed.
 */
export async function serveRtmp(encoder: Socket, options: RtmpSessionOptions): Promise<void> {
  const late = setTimeout(
    () => encoder.destroy(new Error("it did not say what it publishes")),
    options.publishWithinMs,
  );
  let ffmpeg: FfmpegProcess | undefined;
  let inside: Socket | undefined;
  try {
    await expectRtmp(encoder);
    const port = await freePort();
    // The key is not for the machine's list of processes, and was checked before ffmpeg hears it.
    const inner = ["-listen", "1", "-i", `rtmp://127.0.0.1:${port}/live/stream`];
    const input = [...LIVE_INPUT, ...inner];
    const process = new FfmpegProcess({ path: options.ffmpeg, input, secrets: [] });
    ffmpeg = process;
    inside = await connectTo(port, process);
    // How long ffmpeg took to start is not the encoder's fault.
    late.refresh();
    const gatekeeper = inspect((streamKey) => {
      clearTimeout(late);
      return options.accept(streamKey, process.stdout);
    });
    await Promise.all([pipeline(encoder, gatekeeper, inside), pipeline(inside, encoder)]);
    const failure = await process.failure();
    if (failure !== undefined) throw new Error(failure);
  } catch (error) {
    // Once media came out, its end tells it all.
    if (ffmpeg?.stdout.readableDidRead !== true) throw error;
  } finally {
    clearTimeout(late);
    encoder.destroy();
    inside?.destroy();
    await ffmpeg?.stop();
  }
}

/** No process is started for whoever opens a connection: a port scanner, a browser. */
async function expectRtmp(encoder: Socket): Promise<void> {
  await once(encoder, "readable");
  const hello: Buffer | null = encoder.read();
  if (hello === null) throw new Error("it sent nothing");
  new RtmpPublishReader().push(hello);
  encoder.unshift(hello);
}

/** Passes on what an encoder sends, until it publishes what it may not. */
function inspect(refusal: (streamKey: string) => string | undefined): Transform {
  const reader = new RtmpPublishReader();
  let isAccepted = false;
  return new Transform({
    transform(bytes: Buffer, _encoding, done) {
      if (isAccepted) return done(null, bytes);
      try {
        const streamKey = reader.push(bytes);
        const refused = streamKey === undefined ? undefined : refusal(streamKey);
        isAccepted = streamKey !== undefined;
        return refused === undefined ? done(null, bytes) : done(new Error(refused));
      } catch (error) {
        return done(error as Error);
      }
    },
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" ? (address?.port ?? 0) : 0;
}

async function connectTo(port: number, ffmpeg: FfmpegProcess): Promise<Socket> {
  const endsAtMs = performance.now() + LISTENS_WITHIN_MS;
  while (!ffmpeg.hasEnded) {
    const socket = connect({ host: "127.0.0.1", port, noDelay: true });
    try {
      await once(socket, "connect");
      socket.on("error", () => {});
      return socket;
    } catch (error) {
      socket.destroy();
      if (performance.now() > endsAtMs) throw error;
      await delay(CONNECT_PAUSE_MS);
    }
  }
  throw new Error((await ffmpeg.failure()) ?? "ffmpeg ended at once");
}
