import type { MeshStats, NeighborStats } from "#mesh";
import type { P2pDecision } from "./p2p/p2p-policy.ts";
import type { PlaybackStats } from "./playback-contract.ts";
import type { PlayerState } from "./player-state.ts";

/**
 * What `getStats()` of a `<livemesh-player>` answers. A contract: fields are added, never changed.
 * Sums are cumulative since `src` was set. Times are in ms.
 */
export type PlayerStats = {
  /** Null without a valid `src`. */
  streamId: string | null;
  /** From the element being connected to its first frame on screen; null until then. */
  startupMs: number | null;
  /** Now minus the source time of what is on screen; null before the first frame. The source's
   * clock is estimated by the tracker's. */
  latencyMs: number | null;
  /** Where `latencyMs` is steered to. */
  targetLatencyMs: number;
  /** Playback stopped for lack of media. Pauses, the start and the broadcaster's absence do not
   * count. The running stall does. */
  stalls: { count: number; totalMs: number };
  /** Media time that was shown. */
  playedMs: number;
  bytes: {
    /** Verified block bytes that were of use, by who sent them: viewers, seeder, HTTP origin. */
    fromPeers: number;
    fromSeeder: number;
    fromOrigin: number;
    /** Block bytes sent to other viewers. */
    uploaded: number;
    /** Block bytes that came a second time. */
    duplicate: number;
    /** Everything else said between peers, both ways. */
    control: number;
  };
  blocks: {
    received: number;
    /** Not genuine, or not asked for: thrown away. */
    rejected: number;
    /** Asked for, because they were not pushed in time. */
    repaired: number;
  };
  /** Open data channels to other peers. */
  neighbors: number;
  /** Id of the video track on screen, or of the audio track without one; null before it is known. */
  rendition: string | null;
  /** Decoded too late to be shown, says the browser. */
  droppedFrames: number;

  // Further than the contract's first version:

  state: PlayerState;
  /** Contiguous media ahead of the playhead. */
  forwardBufferMs: number;
  /** Media never shown: it came too late, or a jump went over it. */
  skippedMs: number;
  playbackRate: number;
  neighborList: NeighborStats[];
  /** How often the media source had to be replaced, and why the last time: the publisher started
   * anew, a track stayed away or came back, or the browser did not like the media. */
  renewals: { count: number; lastReason: string | null };
  /** Whether this browser exchanges blocks with others, and if not, why. */
  p2p: P2pDecision;
  /** What this browser cannot decode of the stream, and is not played. */
  unsupportedTracks: readonly UnsupportedTrack[];
  /** How far back one can go, or null where there is no past; and whether that is what plays now. */
  dvr: { windowMs: number | null; isPast: boolean };
};

/** @property name For people: `H.265 (HEVC)`. */
export type UnsupportedTrack = { id: string; kind: "video" | "audio"; codec: string; name: string };

export const NO_MESH_STATS: MeshStats = {
  bytes: { fromPeers: 0, fromSeeder: 0, fromOrigin: 0, uploaded: 0, duplicate: 0, control: 0 },
  blocks: { received: 0, rejected: 0, repaired: 0 },
  chunks: { delivered: 0, missed: 0 },
  uplink: { budgetBps: 0, promisedBps: 0 },
  stripes: [],
  neighbors: [],
};

/** Before there is a stream. */
export const NO_PLAYBACK_STATS: PlaybackStats = {
  latencyMs: undefined,
  targetLatencyMs: 1000,
  forwardBufferMs: 0,
  playbackRate: 1,
  stalls: { count: 0, totalMs: 0 },
  playedMs: 0,
  skippedMs: 0,
  droppedFrames: 0,
  totalFrames: 0,
  rendition: undefined,
  renewals: { count: 0, lastReason: null },
};

export type StatsParts = {
  streamId: string | undefined;
  startupMs: number | undefined;
  /** The one that is about to be played, while nothing is. */
  rendition: string | undefined;
  state: PlayerState;
  mesh: MeshStats;
  playback: PlaybackStats;
  p2p: P2pDecision;
  unsupportedTracks?: readonly UnsupportedTrack[];
  dvr?: PlayerStats["dvr"];
};

export function playerStats(parts: StatsParts): PlayerStats {
  const { mesh, playback } = parts;
  return {
    streamId: parts.streamId ?? null,
    startupMs: rounded(parts.startupMs),
    latencyMs: rounded(playback.latencyMs),
    targetLatencyMs: playback.targetLatencyMs,
    stalls: { count: playback.stalls.count, totalMs: Math.round(playback.stalls.totalMs) },
    playedMs: playback.playedMs,
    bytes: { ...mesh.bytes },
    blocks: { ...mesh.blocks },
    neighbors: mesh.neighbors.length,
    rendition: playback.rendition ?? parts.rendition ?? null,
    droppedFrames: playback.droppedFrames,
    state: parts.state,
    forwardBufferMs: playback.forwardBufferMs,
    skippedMs: playback.skippedMs,
    playbackRate: playback.playbackRate,
    neighborList: mesh.neighbors,
    renewals: playback.renewals,
    p2p: parts.p2p,
    unsupportedTracks: parts.unsupportedTracks ?? [],
    dvr: parts.dvr ?? { windowMs: null, isPast: false },
  };
}

/** Share of what was played that came from other viewers, 0 to 1; undefined before any came. */
export function offload({
  fromPeers,
  fromSeeder,
  fromOrigin,
}: PlayerStats["bytes"]): number | undefined {
  const total = fromPeers + fromSeeder + fromOrigin;
  return total === 0 ? undefined : fromPeers / total;
}

function rounded(ms: number | undefined): number | null {
  return ms === undefined ? null : Math.round(ms);
}
