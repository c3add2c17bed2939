import { createHash, createPublicKey, verify } from "node:crypto";
import type { Crypto256 } from "../crypto/index.ts";

/** Real verification whose promises need no thread, so that virtual time can wait for them. */
export const nodeCrypto256: Crypto256 = {
  async sha256(bytes) {
    return new Uint8Array(createHash("sha256").update(bytes).digest());
  },
  async verifyP256(publicKey, signature, input) {
    const coordinate = (from: number) =>
      Buffer.from(publicKey.subarray(from, from + 32)).toString("base64url");
    const key = createPublicKey({
      key: { kty: "EC", crv: "P-256", x: coordinate(1), y: coordinate(33) },
      format: "jwk",
    });
    return verify("sha256", input, { key, dsaEncoding: "ieee-p1363" }, signature);
  },
};
