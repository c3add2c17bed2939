import { createIntegersPackager } from "../integers-packager.ts";
import { SLICE_BYTES, type Source, type SourceEvent } from "../source.ts";

/** The input that carries no media. */
export const TEST_INTEGERS_INPUT = "test://integers";

const INTEGERS_PER_SLICE = SLICE_BYTES / 4;

/**
 * 0, 1, 2 … as 32-bit big-endian integers, as fast as they are asked for, starting over after
 * 2^32 - 1: whoever receives them can tell what is missing, repeated or out of order.
 */
export class IntegersSource implements Source {
  readonly name = TEST_INTEGERS_INPUT;
  readonly aheadMs = 0;
  readonly createPackager = createIntegersPackager;

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
