import type { Socket } from "node:net";
import type { Readable } from "node:stream";

export type PaceOptions = {
  /** How often an encoder is looked at, in ms. Default 15,000, as long as a silent TCP connection
   * is kept. */
  everyMs?: number;
  /** What it has to send in that time, in bytes. Default ten packets of MPEG-TS: less than any
   * audio needs, so that who trickles bytes does not keep encoders out. */
  minBytes?: number;
};

/** Give up an encoder whose bytes are stuck or too slow for any media. @param socket It sends on. */
export function guardPace(
  bytes: Readable,
  socket: Socket,
  { everyMs = 15_000, minBytes = 10 * 188 }: PaceOptions = {},
): void {
  let lookedAtBytes = socket.bytesRead;
  const timer = setInterval(() => {
    const cameBytes = socket.bytesRead - lookedAtBytes;
    lookedAtBytes = socket.bytesRead;
    // With bytes waiting for us, nothing was read because nothing was asked for.
    if (cameBytes >= minBytes || bytes.readableLength > 0) return;
    const came = cameBytes === 0 ? "nothing" : `only ${cameBytes} bytes`;
    bytes.destroy(new Error(`${came} came for ${everyMs / 1000} s`));
  }, everyMs);
  bytes.once("close", () => clearInterval(timer));
}
