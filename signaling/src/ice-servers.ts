import { createHmac } from "node:crypto";
import type { IceServer, PeerId } from "#protocol";

export type TurnOptions = {
  /** `turn:host:port?transport=udp` and the like (RFC 7065). */
  urls: readonly string[];
  /** Shared with the TURN servers: coturn's `static-auth-secret`. */
  secret: string;
  /** How long one peer's credentials are good for new allocations, in ms. Default 12 hours: what a
   * viewer that announced in the morning still opens links with in the evening. */
  lifeMs?: number;
};

export type IceOptions = {
  /** `stun:host:port` (RFC 7064). */
  stunUrls?: readonly string[];
  turn?: TurnOptions | undefined;
};

const DEFAULT_LIFE_MS = 12 * 3_600_000;

/**
 * What one peer is told about finding paths through NATs. Its TURN credentials are good for a while,
 * and carry its name for the TURN server's log (draft-uberti-behave-turn-rest-00, as in coturn).
 * @param wallClockMs Unix time now.
 */
export function iceServersFor(
  { stunUrls = [], turn }: IceOptions,
  peerId: PeerId,
  wallClockMs: number,
): IceServer[] {
  const servers: IceServer[] = stunUrls.length > 0 ? [{ urls: [...stunUrls] }] : [];
  if (turn === undefined || turn.urls.length === 0) return servers;
  const expiresAtSec = Math.floor((wallClockMs + (turn.lifeMs ?? DEFAULT_LIFE_MS)) / 1000);
  const username = `${expiresAtSec}:${peerId}`;
  const credential = createHmac("sha1", turn.secret).update(username).digest("base64");
  return [...servers, { urls: [...turn.urls], username, credential }];
}
