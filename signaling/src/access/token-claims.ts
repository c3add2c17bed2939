import * as z from "zod/mini";
import { isPeerId, isStreamId, type PeerId, type StreamId } from "#protocol";
import { ACTIONS, type Action } from "./access.ts";

/** A token that never ends is a password that nobody changes. In seconds. */
export const TOKEN_LIFE_MAX_SEC = 31 * 86_400;
/** Distinct peers one token can be made for: bounds what is remembered of it. */
export const TOKEN_USES_MAX = 10_000;

/** What a token says. The names of RFC 7519 and RFC 8693 (`scope`) where they have one. */
export type TokenClaims = {
  /** Id of the token: what uses are counted by. */
  id: string | undefined;
  actions: readonly Action[];
  /** The only stream it is good for; undefined is any. */
  streamId: StreamId | undefined;
  /** The only peer it is good for; undefined is any. */
  peerId: PeerId | undefined;
  /** How many distinct peers it lets in; undefined is no limit. */
  usesMax: number | undefined;
  /** Pages it may be shown from; undefined is any. */
  origins: readonly string[] | undefined;
  /** Unix time, in seconds. */
  expiresAtSec: number;
};

export const TOKEN_AUDIENCE = "livemesh";

const text = z.string().check(z.maxLength(200));
const schema = z.object({
  exp: z.number(),
  iat: z.optional(z.number()),
  jti: z.optional(text),
  scope: text,
  stream: z.optional(z.string().check(z.refine(isStreamId))),
  peer: z.optional(z.string().check(z.refine(isPeerId))),
  uses: z.optional(z.int().check(z.minimum(1), z.maximum(TOKEN_USES_MAX))),
  origins: z.optional(z.array(text).check(z.maxLength(20))),
});

/**
 * Read the payload of a token whose signature was right.
 * @throws {TypeError} In one line, when it is not one of ours.
 */
export function readTokenClaims(payload: unknown): TokenClaims {
  const result = schema.safeParse(payload);
  if (!result.success) {
    const [issue] = result.error.issues;
    throw new TypeError(`its claim "${issue?.path.join(".") ?? ""}" is missing or malformed`);
  }
  const { exp, jti, scope, stream, peer, uses, origins } = result.data;
  if (uses !== undefined && jti === undefined) {
    throw new TypeError('a token with "uses" needs an id, "jti", to count them by');
  }
  const words = scope.split(" ");
  return {
    id: jti,
    actions: ACTIONS.filter((action) => words.includes(action)),
    streamId: stream as StreamId | undefined,
    peerId: peer as PeerId | undefined,
    usesMax: uses,
    origins,
    expiresAtSec: exp,
  };
}

/** The payload that {@link readTokenClaims} reads; times are the signer's to add. */
export function tokenPayload(
  claims: Omit<TokenClaims, "id" | "expiresAtSec">,
): Record<string, unknown> {
  return {
    scope: claims.actions.join(" "),
    ...(claims.streamId !== undefined && { stream: claims.streamId }),
    ...(claims.peerId !== undefined && { peer: claims.peerId }),
    ...(claims.usesMax !== undefined && { uses: claims.usesMax }),
    ...(claims.origins !== undefined && { origins: claims.origins }),
  };
}
