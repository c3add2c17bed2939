import type { PeerId, StreamId } from "#protocol";

/**
 * What can be protected.
 * - `publish`: put a stream on this tracker.
 * - `watch`: join a swarm, read its descriptor and its origin.
 * - `admin`: metrics, lists of peers, and whatever changes a running server.
 */
export const ACTIONS = ["publish", "watch", "admin"] as const;
export type Action = (typeof ACTIONS)[number];

/** Somebody wants something, and what is known of them. */
export type AccessRequest = {
  action: Action;
  /** What they showed: a JWT, or what a webhook makes of it. */
  token: string | undefined;
  streamId?: StreamId | undefined;
  /** Of who joins a swarm; plain HTTP has none. */
  peerId?: PeerId | undefined;
  /** Their IP address. */
  address: string;
  /** Of the page that asks, in the words of its browser. */
  origin?: string | undefined;
};

/** `message` is one line for whoever was refused: what was found, and what is needed. */
export type Verdict = { ok: true } | { ok: false; message: string };

/** Who may do what. The tracker, the origin and every control API ask the same one. */
export type Access = {
  /** False for what everybody may do: then nobody is asked for anything. */
  protects(action: Action): boolean;
  check(request: AccessRequest): Promise<Verdict>;
};

export const ALLOWED: Verdict = { ok: true };

export function refusal(message: string): Verdict {
  return { ok: false, message };
}

/** Everybody may do everything: the default on a loopback address. */
export const OPEN_ACCESS: Access = {
  protects: () => false,
  check: async () => ALLOWED,
};
