import type { Crypto256 } from "./crypto-256.ts";
import { yieldToEventLoop } from "./yield-to-event-loop.ts";

/**
 * How long verification may hold the main thread at a time, in ms. Half a video frame at 60 Hz: one
 * verification costs about 2 ms on a server core and more on a phone.
 */
const SLICE_MS = 8;

/**
 * In JavaScript, for pages without a secure context. The code is downloaded on the first call, so
 * that other pages never pay for it.
 */
export async function nobleCrypto256(): Promise<Crypto256> {
  const { p256, sha256 } = await import("./noble-p256.ts");
  let sliceEndsAtMs = 0;

  return {
    async sha256(bytes) {
      return sha256(bytes);
    },
    async verifyP256(publicKey, signature, input) {
      // A loop, because others who waited for the same turn may have used it up.
      while (performance.now() >= sliceEndsAtMs) {
        await yieldToEventLoop();
        const nowMs = performance.now();
        if (nowMs >= sliceEndsAtMs) sliceEndsAtMs = nowMs + SLICE_MS;
      }
      try {
        return p256.verify(signature, input, publicKey, { lowS: false, prehash: true });
      } catch {
        return false;
      }
    },
  };
}
