import { offload, type PlayerStats } from "../player-stats.ts";
import { type ControlsTexts, fill } from "../texts/player-texts.ts";
import { percent, seconds, size } from "./units.ts";

export type StatsRow = { label: string; value: string };

/** Bytes by sender, as shares that add up to 1, or nothing yet. */
export type BytesBar = { label: string; kind: "peers" | "seeder" | "origin"; share: number }[];

/** The statistics panel as text. */
export function statsRows(stats: PlayerStats, texts: ControlsTexts): StatsRow[] {
  const { bytes, blocks, stalls, neighborList } = stats;
  const feeding = neighborList.filter(({ parentOf }) => parentOf > 0).length;
  const fed = neighborList.filter(({ childOf }) => childOf > 0).length;
  return [
    {
      label: texts.latency,
      value: fill(texts.target, {
        value: seconds(stats.latencyMs),
        target: seconds(stats.targetLatencyMs),
      }),
    },
    {
      label: texts.buffer,
      value: `${seconds(stats.forwardBufferMs)}, ${stats.playbackRate.toFixed(2)}×`,
    },
    { label: texts.startup, value: stats.startupMs === null ? "–" : `${stats.startupMs} ms` },
    {
      label: texts.neighbors,
      value: fill(texts.neighborsValue, { count: stats.neighbors, feeding, fed }),
    },
    { label: texts.received, value: size(bytes.fromPeers + bytes.fromSeeder + bytes.fromOrigin) },
    { label: texts.uploaded, value: size(bytes.uploaded) },
    {
      label: texts.overhead,
      value: fill(texts.overheadValue, {
        control: size(bytes.control),
        twice: size(bytes.duplicate),
      }),
    },
    { label: texts.blocks, value: fill(texts.blocksValue, blocks) },
    { label: texts.stalls, value: `${stalls.count} (${seconds(stalls.totalMs)})` },
    { label: texts.skipped, value: seconds(stats.skippedMs) },
    { label: texts.droppedFrames, value: `${stats.droppedFrames}` },
  ];
}

export function bytesBar({ bytes }: PlayerStats, texts: ControlsTexts): BytesBar {
  const total = bytes.fromPeers + bytes.fromSeeder + bytes.fromOrigin;
  const share = (part: number) => (total === 0 ? 0 : part / total);
  return [
    { label: texts.fromViewers, kind: "peers", share: share(bytes.fromPeers) },
    { label: texts.fromSeeder, kind: "seeder", share: share(bytes.fromSeeder) },
    { label: texts.fromServer, kind: "origin", share: share(bytes.fromOrigin) },
  ];
}

/** The line people like to read. */
export function savingsLine({ bytes }: PlayerStats, texts: ControlsTexts): string {
  const share = offload(bytes);
  return share === undefined ? texts.nothingYet : fill(texts.saved, { share: percent(share) });
}
