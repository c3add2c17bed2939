import type { Readable } from "node:stream";
import { SLICE_BYTES } from "../source.ts";

/** Cut what a stream gave into slices a source may yield. Views, not copies. */
export function* slices(bytes: Uint8Array): Generator<Uint8Array, void, void> {
  for (let at = 0; at < bytes.length; at += SLICE_BYTES) {
    yield bytes.subarray(at, at + SLICE_BYTES);
  }
}

/**
 * All bytes of a stream of buffers, in slices. Destroys the stream when done, however that comes
 * about. Ends quietly when the signal aborts; throws what the stream throws otherwise.
 */
export async function* readSlices(
  stream: Readable,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, void> {
  const destroy = () => stream.destroy();
  signal.addEventListener("abort", destroy);
  // What fails after the last read concerns nobody, and must not end the process.
  stream.on("error", () => {});
  try {
    if (signal.aborted) return;
    for await (const chunk of stream) {
      for (const slice of slices(chunk as Uint8Array)) {
        if (signal.aborted) return;
        yield slice;
      }
    }
  } catch (error) {
    // Destroying a stream that is being read shows up as a premature close.
    if (!signal.aborted) throw error;
  } finally {
    signal.removeEventListener("abort", destroy);
    stream.destroy();
  }
}
