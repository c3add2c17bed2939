import type { Socket } from "node:net";

/**
 * How long a connection may bring nothing before it counts as dead, in ms: an encoder whose machine
 * lost power says no good-bye, and must not keep the next one out. Above any pause of a live
 * encoder. Default 15,000: a guess.
 */
export const DEFAULT_SILENCE_MS = 15_000;

/**
 * Destroy a connection that brings nothing, or does not come about, with an error that says so.
 * @param stream What its bytes are read from. Default: the socket itself.
 */
export function guardSilence(
  socket: Socket,
  silenceMs: number,
  stream: { readonly readableLength: number; destroy(error: Error): void } = socket,
): void {
  socket.setTimeout(silenceMs);
  socket.on("timeout", () => {
    // With bytes waiting for us, nothing was read because nothing was asked for: look again later.
    if (stream.readableLength > 0) socket.setTimeout(silenceMs);
    else stream.destroy(new Error(`nothing came for ${silenceMs / 1000} s`));
  });
}
