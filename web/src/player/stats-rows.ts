import { offload, type PlayerStats } from "./player-stats.ts";

export type StatsRow = { label: string; value: string };

/** Bytes by sender, as shares that add up to 1, or nothing yet. */
export type BytesBar = { label: string; kind: "peers" | "seeder" | "origin"; share: number }[];

/** The statistics panel as text. */
export function statsRows(stats: PlayerStats): StatsRow[] {
  const { bytes, blocks, stalls, neighborList } = stats;
  const feeding = neighborList.filter(({ parentOf }) => parentOf > 0).length;
  const fed = neighborList.filter(({ childOf }) => childOf > 0).length;
  return [
    {
      label: "Latency",
      value: `${seconds(stats.latencyMs)}, target ${seconds(stats.targetLatencyMs)}`,
    },
    {
      label: "Buffer",
      value: `${seconds(stats.forwardBufferMs)} at ${stats.playbackRate.toFixed(2)}×`,
    },
    { label: "Start-up", value: stats.startupMs === null ? "–" : `${stats.startupMs} ms` },
    { label: "Neighbors", value: `${stats.neighbors}, ${feeding} feeding us, ${fed} fed` },
    {
      label: "Received",
      value: size(bytes.fromPeers + bytes.fromSeeder + bytes.fromOrigin),
    },
    { label: "Uploaded", value: size(bytes.uploaded) },
    {
      label: "Overhead",
      value: `${size(bytes.control)} control, ${size(bytes.duplicate)} twice`,
    },
    {
      label: "Blocks",
      value: `${blocks.received}, ${blocks.repaired} repaired, ${blocks.rejected} bad`,
    },
    { label: "Stalls", value: `${stalls.count} (${seconds(stalls.totalMs)})` },
    { label: "Skipped", value: seconds(stats.skippedMs) },
    { label: "Dropped frames", value: `${stats.droppedFrames}` },
  ];
}

export function bytesBar({ bytes }: PlayerStats): BytesBar {
  const total = bytes.fromPeers + bytes.fromSeeder + bytes.fromOrigin;
  const share = (part: number) => (total === 0 ? 0 : part / total);
  return [
    { label: "viewers", kind: "peers", share: share(bytes.fromPeers) },
    { label: "seeder", kind: "seeder", share: share(bytes.fromSeeder) },
    { label: "HTTP", kind: "origin", share: share(bytes.fromOrigin) },
  ];
}

/** The line people like to read. */
export function savingsLine({ bytes }: PlayerStats): string {
  const share = offload(bytes);
  if (share === undefined) return "Nothing received yet";
  return `You saved the broadcaster ${percent(share)}`;
}

export function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** `1.0 s`; a dash for what is not known. */
export function seconds(ms: number | null): string {
  return ms === null ? "–" : `${(ms / 1000).toFixed(1)} s`;
}

/** In the units of network people: 1 kB is 1000 bytes. */
export function size(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const [value, unit] =
    bytes < 1e6 ? [bytes / 1e3, "kB"] : bytes < 1e9 ? [bytes / 1e6, "MB"] : [bytes / 1e9, "GB"];
  return `${value.toFixed(value < 10 ? 1 : 0)} ${unit}`;
}
