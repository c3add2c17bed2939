import { errors, jwtVerify } from "jose";
import { type Access, type AccessRequest, ALLOWED, refusal, type Verdict } from "./access.ts";
import {
  readTokenClaims,
  TOKEN_AUDIENCE,
  TOKEN_LIFE_MAX_SEC,
  type TokenClaims,
} from "./token-claims.ts";
import type { TokenKeys } from "./token-keys.ts";
import type { UseCounter } from "./use-counter.ts";

/** Tokens whose signature is remembered: a viewer shows the same one with every request. */
const REMEMBERED_MAX = 10_000;
/** Clocks of two servers differ by this much at most, in seconds. */
const CLOCK_TOLERANCE_SEC = 5;

/** Lets in whoever shows a JSON Web Token that says so. */
export class TokenAccess implements Pick<Access, "check"> {
  readonly #keys: TokenKeys;
  readonly #uses: UseCounter;
  readonly #wallClockMs: () => number;
  readonly #verified = new Map<string, TokenClaims>();

  constructor(keys: TokenKeys, uses: UseCounter, wallClockMs: () => number = Date.now) {
    this.#keys = keys;
    this.#uses = uses;
    this.#wallClockMs = wallClockMs;
  }

  async check(request: AccessRequest): Promise<Verdict> {
    const { token } = request;
    if (token === undefined) return refusal(`a token for "${request.action}" is needed here`);
    let claims: TokenClaims;
    try {
      claims = await this.#open(token);
    } catch (error) {
      return refusal(`the token is not good: ${problemOf(error)}`);
    }
    const misfit = misfitOf(claims, request, this.#wallClockMs() / 1000);
    if (misfit !== undefined) return refusal(misfit);
    return this.#count(claims, request);
  }

  async #count({ id, usesMax, expiresAtSec }: TokenClaims, { peerId }: AccessRequest) {
    // Requests over plain HTTP belong to a peer that is, or will be, counted where it joins.
    if (usesMax === undefined || id === undefined || peerId === undefined) return ALLOWED;
    const isLetIn = await this.#uses.take(id, peerId, usesMax, expiresAtSec * 1000);
    return isLetIn ? ALLOWED : refusal(`the token is used up: it was for ${usesMax} peers`);
  }

  async #open(token: string): Promise<TokenClaims> {
    const known = this.#verified.get(token);
    if (known !== undefined) return known;
    const { payload } = await jwtVerify(token, this.#keys.verify, {
      algorithms: [...this.#keys.algorithms],
      audience: TOKEN_AUDIENCE,
      requiredClaims: ["exp"],
      clockTolerance: CLOCK_TOLERANCE_SEC,
      currentDate: new Date(this.#wallClockMs()),
    });
    const claims = readTokenClaims(payload);
    for (const oldest of this.#verified.keys()) {
      if (this.#verified.size < REMEMBERED_MAX) break;
      this.#verified.delete(oldest);
    }
    this.#verified.set(token, claims);
    return claims;
  }
}

/** Why a genuine token is not for this; undefined when it is. */
function misfitOf(claims: TokenClaims, request: AccessRequest, nowSec: number): string | undefined {
  const { action, streamId, peerId, origin } = request;
  if (claims.expiresAtSec + CLOCK_TOLERANCE_SEC < nowSec) return "the token has expired";
  if (claims.expiresAtSec > nowSec + TOKEN_LIFE_MAX_SEC + CLOCK_TOLERANCE_SEC) {
    return `the token is good for more than ${TOKEN_LIFE_MAX_SEC / 86_400} days, which none may be`;
  }
  if (!claims.actions.includes(action)) {
    return `the token is for "${claims.actions.join(" ")}", "${action}" is needed here`;
  }
  if (claims.streamId !== undefined && claims.streamId !== streamId) {
    return "the token is for another stream";
  }
  if (claims.peerId !== undefined && peerId !== undefined && claims.peerId !== peerId) {
    return "the token is for another peer";
  }
  if (claims.origins !== undefined && (origin === undefined || !claims.origins.includes(origin))) {
    return `the token is for pages of ${claims.origins.join(", ")}, this one is of ${origin ?? "nowhere"}`;
  }
  return undefined;
}

function problemOf(error: unknown): string {
  if (error instanceof errors.JWTExpired) return "it has expired";
  if (error instanceof errors.JWSSignatureVerificationFailed) {
    return "its signature is not by the key of this server";
  }
  if (error instanceof errors.JWKSTimeout || error instanceof errors.JWKSNoMatchingKey) {
    return "the key that signed it could not be had";
  }
  if (error instanceof errors.JOSEAlgNotAllowed) {
    return "it is signed in another way than this server's key allows";
  }
  return error instanceof Error ? (error.message.split("\n")[0] ?? "") : "it cannot be read";
}
