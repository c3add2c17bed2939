import type { RecordedPeer, Recording, StreamPoint } from "#protocol/control";

type Cell = string | number | undefined;
type Columns<T> = readonly (readonly [string, (row: T) => Cell])[];

const POINT_COLUMNS: Columns<StreamPoint> = [
  ["time", ({ atMs }) => new Date(atMs).toISOString()],
  ["viewers", (point) => point.viewers],
  ["reports", (point) => point.reports],
  ["latency_p50_ms", (point) => point.latencyP50Ms],
  ["latency_p95_ms", (point) => point.latencyP95Ms],
  ["stalls_per_viewer_minute", (point) => point.stallsPerMinute],
  ["offload", (point) => point.offload],
  ["viewers_from_peers_bps", (point) => point.viewersBps.peers],
  ["viewers_from_seeder_bps", (point) => point.viewersBps.seeder],
  ["viewers_from_origin_bps", (point) => point.viewersBps.origin],
  ["viewers_uploaded_bps", (point) => point.viewersBps.uploaded],
  ["publisher_copy_bps", (point) => point.publisherBps.copy],
  ["publisher_seeder_bps", (point) => point.publisherBps.seeder],
  ["publisher_origin_bps", (point) => point.publisherBps.origin],
  ["rejected_blocks", (point) => point.rejectedBlocks],
];

const PEER_COLUMNS: Columns<RecordedPeer> = [
  ["time", ({ atMs }) => new Date(atMs).toISOString()],
  ["peer", (row) => row.peerId],
  ["role", (row) => row.role],
  ["latency_ms", (row) => row.latencyMs],
  ["stalls", (row) => row.stalls],
  ["stalled_ms", (row) => row.stalledMs],
  ["from_peers_bps", (row) => row.peersBps],
  ["from_seeder_bps", (row) => row.seederBps],
  ["from_origin_bps", (row) => row.originBps],
  ["uploaded_bps", (row) => row.uploadedBps],
  ["missed_chunks", (row) => row.missedChunks],
  ["rejected_blocks", (row) => row.rejectedBlocks],
  ["neighbors", (row) => row.neighborCount],
];

export const RECORDING_TABLES = ["stream", "peers", "events"] as const;
export type RecordingTable = (typeof RECORDING_TABLES)[number];

/** One table of a recording as CSV (RFC 4180), with a line of names. */
export function recordingCsv(recording: Recording, table: RecordingTable): string {
  switch (table) {
    case "stream":
      return csv(POINT_COLUMNS, recording.points);
    case "peers":
      return csv(PEER_COLUMNS, recording.peers);
    case "events":
      return csv(
        [
          ["time", ({ atMs }) => new Date(atMs).toISOString()],
          ["what", ({ what }) => what],
        ],
        recording.events,
      );
  }
}

function csv<T>(columns: Columns<T>, rows: readonly T[]): string {
  const lines = rows.map((row) => columns.map(([, read]) => cell(read(row))).join(","));
  return `${[columns.map(([name]) => name).join(","), ...lines].join("\r\n")}\r\n`;
}

function cell(value: Cell): string {
  const text = String(value ?? "");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
