import { INTEGERS_BYTES_PER_MS, IntegersPackager } from "../integers-packager.ts";
import type { Packager } from "../packager.ts";
import { SLICE_BYTES, type Source, type SourceEvent } from "../source.ts";

/** The input that carries no media. */
export const TEST_INTEGERS_INPUT = "test://integers";
/** The same at another rate, in KB/s, for machines that carry no more, or many peers. */
const AT_RATE = /^test:\/\/integers\?rate=(\d{2,4})$/;

const INTEGERS_PER_SLICE = SLICE_BYTES / 4;

/** In bytes per ms, which is KB/s; undefined for what is no input of integers. From 10 to 9999. */
export function integersRate(input: string): number | undefined {
  if (input === TEST_INTEGERS_INPUT) return INTEGERS_BYTES_PER_MS;
  const rate = Number(AT_RATE.exec(input)?.[1]);
  return rate >= 10 ? rate : undefined;
}

/**
 * 0, 1, 2 … as 32-bit big-endian integers, as fast as they are asked for, starting over after
 * 2^32 - 1: whoever receives them can tell what is missing, repeated or out of order.
 */
export class IntegersSource implements Source {
  readonly name: string;
  readonly aheadMs = 0;
  readonly #bytesPerMs: number;

  /** @param bytesPerMs See {@link integersRate}. */
  constructor(name = TEST_INTEGERS_INPUT, bytesPerMs = INTEGERS_BYTES_PER_MS) {
    this.name = name;
    this.#bytesPerMs = bytesPerMs;
  }

  createPackager({ chunkMs }: { chunkMs: number }): Packager {
    return new IntegersPackager({ chunkMs, bytesPerMs: this.#bytesPerMs });
  }

  async *events(signal: AbortSignal): AsyncGenerator<SourceEvent, void, void> {
    yield { type: "start", description: "integers from 0 on" };
    for (let next = 0; !signal.aborted; next = (next + INTEGERS_PER_SLICE) % 2 ** 32) {
      yield { type: "bytes", bytes: integersFrom(next) };
    }
  }
}

function integersFrom(first: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(SLICE_BYTES));
  for (let i = 0; i < INTEGERS_PER_SLICE; i++) view.setUint32(i * 4, (first + i) % 2 ** 32);
  return new Uint8Array(view.buffer);
}
