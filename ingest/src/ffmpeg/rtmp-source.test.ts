import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { parseLadder } from "../ladder/ladder.ts";
import { TsPackager } from "../packager/ts-packager.ts";
import type { PackagerEvent } from "../packager.ts";
import { createSource } from "../sources/create-source.ts";
import { SourceReader } from "../testing/source-reader.ts";
import { RtmpSource } from "./rtmp-source.ts";
import { Encoder, hasFfmpeg, NEEDS_FFMPEG } from "./testing/real-ffmpeg.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function listen(
  options: { silenceMs?: number; publishWithinMs?: number; streamKey?: string; port?: number } = {},
) {
  const { port = 0, ...rest } = options;
  const address = { host: "127.0.0.1", port };
  const name = `rtmp://127.0.0.1:${port}/live/***`;
  const source = new RtmpSource(name, { address, streamKey: "right", ffmpeg: "ffmpeg", ...rest });
  return { ...(await opened(new SourceReader(source))), source };
}

async function opened(reader: SourceReader) {
  closing.push(() => reader.abort());
  const { message } = await reader.expect("waiting");
  const port = Number(/:(\d+)\/live\/\*\*\*$/.exec(message)?.[1]);
  return { reader, port };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

function encoder(port: number, key = "right"): Encoder {
  const sender = new Encoder("-f", "flv", `rtmp://127.0.0.1:${port}/live/${key}`);
  closing.push(() => sender.kill());
  return sender;
}

/** Until there are chunks of both tracks. */
async function chunks(reader: SourceReader): Promise<Set<string>> {
  const packager = new TsPackager({ chunkMs: 200 });
  const kinds = new Set<string>();
  while (kinds.size < 2) {
    const { bytes } = await reader.expect("bytes");
    for (const event of packager.push(bytes, 0) satisfies PackagerEvent[]) {
      if (event.type === "chunk") kinds.add(event.chunk.kind);
    }
  }
  return kinds;
}

/** The next event that is not bytes. */
async function news(reader: SourceReader) {
  for (;;) {
    const event = await reader.next();
    if (event?.type !== "bytes") return event;
  }
}

describe.skipIf(!hasFfmpeg)(`an encoder that sends RTMP${NEEDS_FFMPEG}`, () => {
  it("is encoded to several renditions", async () => {
    const transcode = parseLadder("180p:200k,90p:60k");
    const input = `rtmp://127.0.0.1:${await freePort()}/live/right`;
    const source = createSource(input, { transcode });
    const { reader, port } = await opened(new SourceReader(source));
    encoder(port);
    await reader.expect("start");
    const packager = source.createPackager?.({ chunkMs: 200 });
    if (packager === undefined) throw new Error("a ladder has a packager of its own");
    const sizes = new Map<number | undefined, number | undefined>();
    while (sizes.size < 2) {
      const { bytes } = await reader.expect("bytes");
      for (const event of packager.push(bytes, 0)) {
        if (event.type !== "track" || event.track.kind !== "video") continue;
        sizes.set(event.track.rendition, event.track.height);
      }
    }
    expect([...sizes].sort()).toEqual([
      [0, 180],
      [1, 90],
    ]);
  });

  it("is heard, and so is the next one after it left", async () => {
    const { reader, port } = await listen();
    for (let round = 0; round < 2; round++) {
      const sender = encoder(port);
      expect((await reader.expect("start")).description).toMatch(/^encoder at 127\.0\.0\.1:\d+$/);
      expect([...(await chunks(reader))].sort()).toEqual(["audio", "video"]);
      // In order, and as if its machine had lost power.
      await (round === 0 ? sender.stop() : sender.kill());
      expect(await news(reader)).toMatchObject({ type: "end" });
    }
  });

  it("is refused with a wrong stream key, in one line that does not tell it", async () => {
    const { reader, port } = await listen();
    const wrong = encoder(port, "wrong");
    const { message } = await reader.expect("warning");
    expect(message).toMatch(
      /^rtmp:\/\/127\.0\.0\.1:0\/live\/\*\*\*: refused an encoder, 127\.0\.0\.1:\d+: wrong stream key$/,
    );
    await wrong.ended;
    encoder(port);
    await reader.expect("start");
    await chunks(reader);
  });

  it("is refused while another one is live", async () => {
    const { reader, port } = await listen();
    encoder(port);
    await reader.expect("start");
    const second = encoder(port);
    expect(await news(reader)).toMatchObject({
      type: "warning",
      message: expect.stringMatching(/: refused a second encoder, .*: one is live already$/),
    });
    await second.ended;
    await chunks(reader);
  });

  it("finds its stream among those of one port by its key, and only there", async () => {
    const port = await freePort();
    const hall = await listen({ port, streamKey: "hall" });
    const stage = await listen({ port, streamKey: "stage" });
    expect(stage.port).toBe(port);
    encoder(port, "stage");
    await stage.reader.expect("start");
    encoder(port, "hall");
    await hall.reader.expect("start");
    await Promise.all([chunks(hall.reader), chunks(stage.reader)]);

    const third = new SourceReader(createSource(`rtmp://127.0.0.1:${port}/live/hall`));
    await expect(third.next()).rejects.toMatchObject({
      code: "publish-key-taken",
      message: `rtmp://127.0.0.1:${port}/live/***: another stream has this stream key on the same port`,
    });
    // One that ends takes its encoder with it, and nobody else's.
    await hall.reader.abort();
    await chunks(stage.reader);
    const lost = encoder(port, "hall");
    expect(await news(stage.reader)).toMatchObject({
      type: "warning",
      message: expect.stringMatching(/: refused an encoder, .*: wrong stream key$/),
    });
    await lost.ended;
  });

  it("is given up when it hangs", async () => {
    const { reader, port } = await listen({ silenceMs: 1000 });
    const sender = encoder(port);
    await reader.expect("start");
    sender.freeze();
    expect(await news(reader)).toMatchObject({ type: "end" });
  });
});

it("starts no ffmpeg for who speaks no RTMP, or says nothing", async () => {
  const { reader, port } = await listen({ publishWithinMs: 20 });
  const browser = connect(port, "127.0.0.1");
  browser.on("error", () => {}).write("GET / HTTP/1.1\r\n\r\n");
  expect((await reader.expect("warning")).message).toMatch(/: that is no RTMP$/);
  const silent = connect(port, "127.0.0.1").on("error", () => {});
  await once(silent, "close");
});

it.skipIf(!hasFfmpeg)(`says which port is taken${NEEDS_FFMPEG}`, async () => {
  const { port } = await listen();
  const second = new SourceReader(createSource(`rtmp://127.0.0.1:${port}/live/key`));
  await expect(second.next()).rejects.toMatchObject({
    code: "port-in-use",
    message: `cannot listen on rtmp://127.0.0.1:${port}/live/***: port in use`,
  });
});
