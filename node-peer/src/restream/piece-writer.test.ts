import { Writable } from "node:stream";
import { expect, it } from "vitest";
import type { Piece } from "./piece.ts";
import { PieceWriter } from "./piece-writer.ts";

/** Takes what it is given only when it is told to. */
class StubbornStream extends Writable {
  readonly taken: number[] = [];
  #goOn: () => void = () => {};

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.taken.push(chunk[0] ?? -1);
    this.#goOn = done;
  }

  take(): void {
    this.#goOn();
  }
}

const piece = (n: number, isEntry = false): Piece => ({
  bytes: new Uint8Array(10).fill(n),
  isEntry,
  startMs: 0,
});

async function drain(stream: StubbornStream): Promise<void> {
  while (stream.writableLength > 0) {
    stream.take();
    await new Promise(setImmediate);
  }
}

it("begins with an entry, skips what finds no room, and goes on with an entry", async () => {
  const stream = new StubbornStream();
  let skips = 0;
  const writer = new PieceWriter(stream, { bufferBytes: 20, onSkip: () => skips++ });
  writer.write(piece(1));
  writer.write(piece(2, true));
  writer.write(piece(3));
  writer.write(piece(4));
  writer.write(piece(5));
  writer.write(piece(6, true));
  expect(skips).toBe(1);
  await drain(stream);
  writer.write(piece(7));
  writer.write(piece(8, true));
  await drain(stream);
  expect(stream.taken).toEqual([2, 3, 4, 8]);
});

it("gives up a receiver that takes nothing any more, after its time and not before", () => {
  const stream = new StubbornStream();
  let nowMs = 0;
  let isStuck = false;
  const onStuck = () => {
    isStuck = true;
  };
  const options = { bufferBytes: 0, stuckAfterMs: 100, nowMs: () => nowMs, onStuck };
  const writer = new PieceWriter(stream, options);
  writer.write(piece(1, true));
  writer.write(piece(2));
  nowMs = 99;
  writer.write(piece(3));
  expect(isStuck).toBe(false);
  nowMs = 100;
  writer.write(piece(4));
  expect(isStuck).toBe(true);
});
