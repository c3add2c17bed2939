import type { RecordedPeer, Recording, RecordingState, StreamPoint } from "#protocol/control";

/** Rows of peers in one recording: an hour of 100 peers, about 60 MB. Then it ends. */
const PEER_ROWS_MAX = 180_000;
/** Points of the stream: six hours. */
const POINTS_MAX = 4320;
const EVENTS_MAX = 1000;

/** All figures of one stream from when it was started until it is stopped or full. */
export class StreamRecording {
  readonly #startedAtMs: number;
  #endedAtMs: number | undefined;
  #isFull = false;
  readonly #points: StreamPoint[] = [];
  readonly #peers: RecordedPeer[] = [];
  readonly #events: Recording["events"] = [];

  /** @param atMs Unix time, as everywhere here. */
  constructor(atMs: number) {
    this.#startedAtMs = atMs;
  }

  get isRunning(): boolean {
    return this.#endedAtMs === undefined;
  }

  get state(): RecordingState {
    return {
      isRunning: this.isRunning,
      startedAtMs: this.#startedAtMs,
      ...(this.#endedAtMs !== undefined && { endedAtMs: this.#endedAtMs }),
      points: this.#points.length,
      peerRows: this.#peers.length,
      isFull: this.#isFull,
    };
  }

  stop(atMs: number): void {
    this.#endedAtMs ??= atMs;
  }

  /** Something was changed while it runs. */
  mark(atMs: number, what: string): void {
    if (this.isRunning && this.#events.length < EVENTS_MAX) this.#events.push({ atMs, what });
  }

  addPoint(point: StreamPoint): void {
    if (!this.isRunning) return;
    this.#points.push(point);
    if (this.#points.length >= POINTS_MAX) this.#end(point.atMs);
  }

  addPeers(rows: Iterable<RecordedPeer>, atMs: number): void {
    if (!this.isRunning) return;
    for (const row of rows) {
      if (this.#peers.length >= PEER_ROWS_MAX) return this.#end(atMs);
      this.#peers.push(row);
    }
  }

  export(streamId: string): Recording {
    return {
      streamId,
      state: this.state,
      events: this.#events,
      points: this.#points,
      peers: this.#peers,
    };
  }

  #end(atMs: number): void {
    this.#isFull = true;
    this.stop(atMs);
  }
}

export const NO_RECORDING: RecordingState = {
  isRunning: false,
  points: 0,
  peerRows: 0,
  isFull: false,
};
