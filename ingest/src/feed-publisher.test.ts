import { beforeEach, describe, expect, it, vi } from "vitest";
import { feedPublisher } from "./feed-publisher.ts";
import { createIdentity } from "./identity.ts";
import type { IngestLog } from "./ingest-log.ts";
import type { Packager, PackagerEvent } from "./packager.ts";
import { Publisher } from "./publisher.ts";
import type { Source, SourceEvent } from "./source.ts";
import { packagedChunk, videoTrack } from "./testing/packaged.ts";

const identity = createIdentity();

let publisher: Publisher;
let lives: boolean[];
let lines: string[];
let log: IngestLog;

beforeEach(() => {
  publisher = new Publisher({ identity, title: "Test", chunkMs: 200 });
  lives = [];
  publisher.listen({ onDescriptor: (_, { isLive }) => lives.push(isLive) });
  lines = [];
  const write = (level: string) => (_fields: object, message: string) =>
    lines.push(`${level}: ${message}`);
  log = { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") };
});

/** Each byte string is one chunk with its first byte as sequence; 255 is one nobody can publish. */
class OneChunkPackager implements Packager {
  push(bytes: Uint8Array): PackagerEvent[] {
    const [sequence = 0] = bytes;
    const sizeBytes = sequence === 255 ? 0 : 100;
    const chunk = packagedChunk("video", sequence, { sizeBytes, mediaTimeMs: sequence });
    return [
      { type: "track", track: videoTrack() },
      { type: "chunk", chunk },
    ];
  }

  discontinuity(): PackagerEvent[] {
    return [];
  }

  flush(): PackagerEvent[] {
    return [];
  }
}

function sourceOf(yields: (signal: AbortSignal) => AsyncIterable<SourceEvent>): Source {
  return { name: "test", aheadMs: 1000, events: yields };
}

function bytes(sequence: number): SourceEvent {
  return { type: "bytes", bytes: Uint8Array.of(sequence) };
}

function feed(source: Source, silentAfterMs?: number) {
  const packager = new OneChunkPackager();
  const timing = silentAfterMs === undefined ? {} : { silentAfterMs };
  return feedPublisher({ source, packager, publisher, log, ...timing });
}

async function untilAborted(signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
}

describe("feedPublisher", () => {
  it("publishes chunks and says when encoders come and go", async () => {
    const source = sourceOf(async function* () {
      yield { type: "waiting", message: "waiting for an encoder" };
      yield { type: "start", description: "127.0.0.1:5" };
      yield bytes(1);
      yield { type: "end", reason: "closed" };
      yield { type: "start", description: "127.0.0.1:6" };
      yield bytes(2);
    });
    await feed(source).done;
    expect(publisher.counts.chunks).toBe(2);
    expect(lives).toEqual([true, false, true, false]);
    expect(lines).toEqual([
      "info: waiting for an encoder",
      "info: encoder connected",
      "info: encoder gone",
      "info: encoder connected",
      "info: input ended",
    ]);
  });

  it("leaves out a chunk that cannot be published, and goes on", async () => {
    const source = sourceOf(async function* () {
      yield { type: "start", description: "x" };
      yield bytes(255);
      yield bytes(1);
    });
    await feed(source).done;
    expect(publisher.counts.chunks).toBe(1);
    expect(lines.filter((line) => line.startsWith("warn: left out"))).toHaveLength(1);
  });

  it("says at once that a source cannot be opened, and later only in the log", async () => {
    const failing = (after: SourceEvent[]) =>
      sourceOf(async function* () {
        yield* after;
        throw new Error("in use");
      });
    await expect(feed(failing([])).opened).rejects.toThrow("in use");
    await expect(feed(failing([bytes(1)])).opened).resolves.toBeUndefined();
  });

  it("does not wait for a source that gives no sign of life", async () => {
    const running = feed(
      sourceOf(async function* (signal) {
        await untilAborted(signal);
        yield* [];
      }),
    );
    await expect(running.opened).resolves.toBeUndefined();
    await running.close();
  });

  it("survives a source that fails", async () => {
    const source = sourceOf(async function* () {
      yield bytes(1);
      throw new Error("the disk is gone");
    });
    await feed(source).done;
    expect(lives).toEqual([true, false]);
    expect(lines).toEqual(["error: the disk is gone"]);
  });

  it("counts an encoder that sends nothing as gone, and as back when it does again", async () => {
    let goOn: () => void = () => {};
    const source = sourceOf(async function* (signal) {
      yield bytes(1);
      await new Promise<void>((resolve) => {
        goOn = resolve;
      });
      yield bytes(2);
      await untilAborted(signal);
    });
    const running = feed(source, 50);
    await vi.waitUntil(() => lives.at(-1) === false);
    goOn();
    await vi.waitUntil(() => publisher.counts.chunks === 2);
    expect(lives.slice(0, 3)).toEqual([true, false, true]);
    expect(lines.filter((line) => line.startsWith("warn: no media"))).not.toEqual([]);
    await running.close();
  });

  it("stops when it is told to, and the stream is not live any more", async () => {
    const source = sourceOf(async function* (signal) {
      yield bytes(1);
      await untilAborted(signal);
    });
    const running = feed(source);
    await vi.waitUntil(() => publisher.counts.chunks === 1);
    await running.close();
    expect(lives).toEqual([true, false]);
  });
});
