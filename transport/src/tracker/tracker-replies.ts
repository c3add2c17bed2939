import type { IceServer } from "#protocol";
import {
  announceReplySchema,
  findPeersReplySchema,
  type PeerRecord,
  type SignedDescriptor,
  type TrackerErrorCode,
} from "#protocol";

/** Why a request to the tracker came to nothing: its own word, or ours for what it did not say. */
export type TrackerRefusal = {
  ok: false;
  /** `no-answer`: not connected, or too slow. `bad-answer`: not what the protocol says. */
  code: TrackerErrorCode | "no-answer" | "bad-answer";
  message: string;
};

export type Announced = {
  ok: true;
  descriptor: SignedDescriptor;
  peers: PeerRecord[];
  iceServers: IceServer[];
  viewers: number;
  serverTimeMs: number;
  membership?: string;
  membershipKey?: string;
  resume?: string;
};

export type FoundPeers = { ok: true; peers: PeerRecord[]; membership?: string };

const REFUSAL_CODES: ReadonlySet<unknown> = new Set<TrackerRefusal["code"]>([
  "no-answer",
  "unknown-stream",
  "bad-message",
  "peer-id-taken",
  "not-announced",
  "not-allowed",
  "too-many",
  "full",
]);

const BAD_ANSWER: TrackerRefusal = {
  ok: false,
  code: "bad-answer",
  message: "the tracker's answer is not what the protocol says",
};

export function readAnnounceReply(reply: unknown): Announced | TrackerRefusal {
  const result = announceReplySchema.safeParse(reply);
  return result.success ? (result.data as Announced) : readRefusal(reply);
}

export function readPeersReply(reply: unknown): FoundPeers | TrackerRefusal {
  const result = findPeersReplySchema.safeParse(reply);
  return result.success ? (result.data as FoundPeers) : readRefusal(reply);
}

export function readTimeReply(reply: unknown): { ok: true; serverTimeMs: number } | TrackerRefusal {
  if (!isOk(reply)) return readRefusal(reply);
  const { serverTimeMs } = reply as { serverTimeMs?: unknown };
  if (typeof serverTimeMs !== "number" || !Number.isFinite(serverTimeMs)) return BAD_ANSWER;
  return { ok: true, serverTimeMs };
}

export function readEmptyReply(reply: unknown): { ok: true } | TrackerRefusal {
  return isOk(reply) ? { ok: true } : readRefusal(reply);
}

function readRefusal(reply: unknown): TrackerRefusal {
  if (typeof reply !== "object" || reply === null) return BAD_ANSWER;
  const { ok, code, message } = reply as { ok?: unknown; code?: unknown; message?: unknown };
  if (ok !== false || !REFUSAL_CODES.has(code)) return BAD_ANSWER;
  return {
    ok: false,
    code: code as TrackerRefusal["code"],
    message: typeof message === "string" ? message.slice(0, 200) : "",
  };
}

function isOk(reply: unknown): boolean {
  return typeof reply === "object" && reply !== null && (reply as { ok?: unknown }).ok === true;
}
