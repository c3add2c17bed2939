import { randomBytes } from "node:crypto";
import { SignJWT } from "jose";
import {
  TOKEN_AUDIENCE,
  TOKEN_LIFE_MAX_SEC,
  type TokenClaims,
  tokenPayload,
} from "./token-claims.ts";
import type { TokenKeys } from "./token-keys.ts";

export type TokenWish = Omit<TokenClaims, "id" | "expiresAtSec"> & {
  /** How long it is good, in seconds. */
  lifeSec: number;
};

/**
 * Make a token.
 * @throws {TypeError} When the key can only check, or the life is longer than any token's.
 */
export async function signToken(
  keys: TokenKeys,
  { lifeSec, ...claims }: TokenWish,
  wallClockMs: number = Date.now(),
): Promise<string> {
  if (keys.sign === undefined) {
    throw new TypeError("a public key only checks tokens; to make them, the private one is needed");
  }
  if (lifeSec > TOKEN_LIFE_MAX_SEC) {
    throw new TypeError(`a token lives ${TOKEN_LIFE_MAX_SEC / 86_400} days at most`);
  }
  const nowSec = Math.floor(wallClockMs / 1000);
  return new SignJWT(tokenPayload(claims))
    .setProtectedHeader({ alg: keys.sign.algorithm, typ: "JWT" })
    .setAudience(TOKEN_AUDIENCE)
    .setIssuedAt(nowSec)
    .setExpirationTime(nowSec + lifeSec)
    .setJti(randomBytes(12).toString("base64url"))
    .sign(keys.sign.key);
}
