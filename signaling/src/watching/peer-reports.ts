import type { PeerId, PeerRecord, PeerReport } from "#protocol";
import type {
  ControlPeer,
  MeshLink,
  MeshPeerFigures,
  MeshPicture,
  RecordedPeer,
} from "#protocol/control";

/** Reports of one peer that are remembered for its chart: two minutes at one every 2 s. */
const HISTORY_MAX = 60;
/** Peers of one stream whose reports are kept: bounds memory, at about 8 KB each. */
const PEERS_MAX = 1000;
/** Whoever has not told for so long has left, or was not asked any more. In ms. */
const STALE_MS = 15_000;

type Told = {
  record: PeerRecord;
  report: PeerReport;
  atMs: number;
  wallClockMs: number;
  history: ControlPeer["history"];
};

/** What the peers of one stream told last, while somebody watches. */
export class PeerReports {
  readonly #peers = new Map<PeerId, Told>();

  note(record: PeerRecord, report: PeerReport, nowMs: number, wallClockMs: number): void {
    const before = this.#peers.get(record.peerId);
    if (before === undefined && this.#peers.size >= PEERS_MAX) return;
    const history = before?.history ?? [];
    const { peers, seeder, origin, uploaded } = ratesOf(report);
    history.push({
      atMs: wallClockMs,
      ...latencyOf(report),
      downBps: peers + seeder + origin,
      peersBps: peers,
      upBps: uploaded,
    });
    if (history.length > HISTORY_MAX) history.shift();
    this.#peers.set(record.peerId, { record, report, atMs: nowMs, wallClockMs, history });
  }

  get size(): number {
    return this.#peers.size;
  }

  forgetStale(nowMs: number): void {
    for (const [peerId, { atMs }] of this.#peers) {
      if (nowMs - atMs > STALE_MS) this.#peers.delete(peerId);
    }
  }

  picture(nowMs: number): Pick<MeshPicture, "peers" | "links"> {
    const told = [...this.#peers.values()];
    return {
      peers: told.map((one) => figuresOf(one, nowMs)),
      links: told.flatMap(linksInto),
    };
  }

  peer(
    peerId: PeerId,
    nowMs: number,
  ): (MeshPeerFigures & Pick<ControlPeer, "neighbors" | "history">) | undefined {
    const told = this.#peers.get(peerId);
    if (told === undefined) return undefined;
    const { report, history } = told;
    const neighbors = report.neighbors.map((neighbor) => {
      const role = this.#peers.get(neighbor.peerId as PeerId)?.record.role;
      return {
        peerId: neighbor.peerId,
        ...(role !== undefined && { role }),
        ...(neighbor.rttMs !== undefined && { rttMs: neighbor.rttMs }),
        receivedBps: toBps(neighbor.receivedBytes, report),
        sentBps: toBps(neighbor.sentBytes, report),
        parentOf: neighbor.parentOf,
        childOf: neighbor.childOf,
      };
    });
    return { ...figuresOf(told, nowMs), neighbors, history };
  }

  /** Those that told since then, for a recording. */
  *rows(sinceMs: number): Iterable<RecordedPeer> {
    for (const { record, report, atMs, wallClockMs } of this.#peers.values()) {
      if (atMs <= sinceMs) continue;
      const rates = ratesOf(report);
      yield {
        atMs: wallClockMs,
        ...record,
        ...latencyOf(report),
        stalls: report.stalls.count,
        stalledMs: report.stalls.totalMs,
        peersBps: rates.peers,
        seederBps: rates.seeder,
        originBps: rates.origin,
        uploadedBps: rates.uploaded,
        missedChunks: report.chunks.missed,
        rejectedBlocks: report.rejectedBlocks,
        neighborCount: report.neighborCount,
      };
    }
  }
}

function figuresOf({ record, report, atMs }: Told, nowMs: number): MeshPeerFigures {
  return {
    ...record,
    ageMs: Math.round(nowMs - atMs),
    ...latencyOf(report),
    stalls: report.stalls.count,
    stalledMs: report.stalls.totalMs,
    bps: ratesOf(report),
    uplink: report.uplink,
    missedChunks: report.chunks.missed,
    rejectedBlocks: report.rejectedBlocks,
    neighborCount: report.neighborCount,
  };
}

/** Each link is told by who receives: what a peer says of others would count twice. */
function linksInto({ record, report }: Told): MeshLink[] {
  return report.neighbors
    .filter(({ receivedBytes, parentOf }) => parentOf > 0 || receivedBytes > 2000)
    .map((neighbor) => ({
      from: neighbor.peerId,
      to: record.peerId,
      stripes: neighbor.parentOf,
      bps: toBps(neighbor.receivedBytes, report),
      ...(neighbor.rttMs !== undefined && { rttMs: neighbor.rttMs }),
    }));
}

function latencyOf({ latencyMs }: PeerReport): { latencyMs?: number } {
  return latencyMs === undefined ? {} : { latencyMs };
}

function ratesOf(report: PeerReport): MeshPeerFigures["bps"] {
  const { peers, seeder, origin, uploaded } = report.bytes;
  return {
    peers: toBps(peers, report),
    seeder: toBps(seeder, report),
    origin: toBps(origin, report),
    uploaded: toBps(uploaded, report),
  };
}

function toBps(bytes: number, { spanMs }: PeerReport): number {
  return Math.round((bytes * 8000) / spanMs);
}
