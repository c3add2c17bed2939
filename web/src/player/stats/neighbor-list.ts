import type { NeighborStats } from "#mesh";
import { type ControlsTexts, fill } from "../texts/player-texts.ts";
import { size } from "./units.ts";

/** Neighbors shown; there are rarely more, and a seeder's page of hundreds helps nobody. */
const SHOWN_MAX = 14;
/** Of a peer id: enough to tell neighbors apart, and of no use to anybody else. */
const NAME_LENGTH = 4;

export type NeighborRow = {
  name: string;
  isSeeder: boolean;
  rtt: string;
  down: string;
  up: string;
  /** The same in words, for screen readers and as a tooltip. */
  words: string;
};

/** Who sends us what and gets what from us; those that send most first. Without any addresses. */
export function neighborRows(
  neighbors: readonly NeighborStats[],
  texts: ControlsTexts,
): NeighborRow[] {
  return [...neighbors]
    .sort((one, other) => other.receivedBytes - one.receivedBytes)
    .slice(0, SHOWN_MAX)
    .map((neighbor) => row(neighbor, texts));
}

function row(neighbor: NeighborStats, texts: ControlsTexts): NeighborRow {
  const { peer, role, rttMs, parentOf, childOf, receivedBytes, sentBytes } = neighbor;
  const words = [
    role === "seeder" ? texts.seeder : texts.viewer,
    ...(parentOf > 0 ? [fill(texts.feedsUs, { count: parentOf })] : []),
    ...(childOf > 0 ? [fill(texts.fedByUs, { count: childOf })] : []),
  ];
  return {
    name: role === "seeder" ? texts.seeder : peer.slice(0, NAME_LENGTH),
    isSeeder: role === "seeder",
    rtt: rttMs === undefined ? "–" : `${Math.round(rttMs)} ms`,
    down: parentOf > 0 ? `↓ ${size(receivedBytes)}` : size(receivedBytes),
    up: childOf > 0 ? `↑ ${size(sentBytes)}` : size(sentBytes),
    words: words.join(", "),
  };
}
