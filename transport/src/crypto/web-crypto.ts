import { toHex } from "#protocol";
import type { Crypto256 } from "./crypto-256.ts";

/**
 * Imported keys kept. A page watches one stream and a server carries a few; the bound is against a
 * sender of descriptors with ever new keys.
 */
const KEYS_MAX = 16;

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

/** Whether {@link webCrypto256} works here: everywhere but on pages without a secure context. */
export function hasWebCrypto(): boolean {
  return globalThis.crypto?.subtle !== undefined;
}

/**
 * By the platform, off the main thread.
 * @throws {TypeError} On a page without a secure context; see {@link hasWebCrypto}.
 */
export function webCrypto256(): Crypto256 {
  if (!hasWebCrypto()) {
    throw new TypeError("crypto.subtle needs a secure context (https or localhost)");
  }
  const { subtle } = globalThis.crypto;
  const keys = new Map<string, Promise<CryptoKey>>();

  const importedKey = (publicKey: Uint8Array): Promise<CryptoKey> => {
    const name = toHex(publicKey);
    const known = keys.get(name);
    if (known !== undefined) return known;
    const key = subtle.importKey("raw", asBufferSource(publicKey), ALGORITHM, false, ["verify"]);
    const oldest = keys.keys().next();
    if (keys.size >= KEYS_MAX && !oldest.done) keys.delete(oldest.value);
    keys.set(name, key);
    return key;
  };

  return {
    async sha256(bytes) {
      return new Uint8Array(await subtle.digest("SHA-256", asBufferSource(bytes)));
    },
    async verifyP256(publicKey, signature, input) {
      try {
        const key = await importedKey(publicKey);
        return await subtle.verify(
          ALGORITHM,
          key,
          asBufferSource(signature),
          asBufferSource(input),
        );
      } catch {
        return false;
      }
    },
  };
}

/** Nothing in livemesh lives in shared memory, which is all the types are afraid of. */
function asBufferSource(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes as Uint8Array<ArrayBuffer>;
}
