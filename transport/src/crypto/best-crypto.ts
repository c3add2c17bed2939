import type { Crypto256 } from "./crypto-256.ts";
import { nobleCrypto256 } from "./noble-crypto.ts";
import { hasWebCrypto, webCrypto256 } from "./web-crypto.ts";

/** WebCrypto where it exists, otherwise noble: plain `http://` pages on a LAN verify as well. */
export async function bestCrypto256(): Promise<Crypto256> {
  return hasWebCrypto() ? webCrypto256() : nobleCrypto256();
}
