import type { PeerRecord, PeerReport, StreamId, ViewerStats } from "#protocol";
import type {
  Alert,
  AlertRules,
  ControlPeer,
  ControlStream,
  Experiment,
  MeshPicture,
  PeerOrder,
  Recording,
  RecordingState,
  StreamPoint,
} from "#protocol/control";
import type { Log } from "../log.ts";
import type { Delivery, Registry, StreamEntry } from "../registry.ts";
import { DEFAULT_ALERT_RULES } from "./alert-watch.ts";
import type { SteeredMember } from "./steering-desk.ts";
import { POINT_MS } from "./stream-history.ts";
import { NO_RECORDING, StreamRecording } from "./stream-recording.ts";
import { ASKED_MAX, WatchedStream } from "./watched-stream.ts";

export type WatchOptions = {
  registry: Registry;
  deliver: (deliveries: readonly Delivery[]) => void;
  log: Log;
  /** Monotonic, in ms. */
  nowMs: () => number;
  wallClockMs: () => number;
};

/**
 * What an operator sees and does beyond who is in which swarm: how streams fare, what their peers
 * tell while somebody looks, experiments, alerts and recordings. Nothing here decides who may watch.
 */
export class Watch {
  readonly #options: WatchOptions;
  readonly #streams = new Map<StreamId, WatchedStream>();
  #rules = DEFAULT_ALERT_RULES;
  #pointAtMs: number;
  #tickAtMs: number;

  constructor(options: WatchOptions) {
    this.#options = options;
    this.#tickAtMs = options.nowMs();
    this.#pointAtMs = this.#tickAtMs + POINT_MS;
  }

  noteViewer(streamId: StreamId, stats: ViewerStats): void {
    this.#of(streamId).history.note(stats);
  }

  /** What nobody asked for is not kept. */
  notePeer(streamId: StreamId, record: PeerRecord, report: PeerReport): void {
    const { nowMs, wallClockMs } = this.#options;
    const stream = this.#of(streamId);
    if (stream.isWatched(nowMs())) stream.reports.note(record, report, nowMs(), wallClockMs());
  }

  /** To be called every second. */
  tick(): void {
    const { registry } = this.#options;
    const nowMs = this.#options.nowMs();
    const isPointDue = nowMs >= this.#pointAtMs;
    if (isPointDue) this.#pointAtMs = nowMs + POINT_MS;
    for (const entry of registry.listed()) {
      const stream = this.#of(entry.descriptor.streamId);
      if (isPointDue) this.#addPoint(entry, stream);
      this.#steer(entry, stream, nowMs);
      stream.recording?.addPeers(stream.reports.rows(this.#tickAtMs), this.#options.wallClockMs());
      stream.reports.forgetStale(nowMs);
    }
    this.#tickAtMs = nowMs;
    if (isPointDue) this.#forgetEnded();
  }

  // For the control API. Undefined: there is no such stream.

  get rules(): AlertRules {
    return this.#rules;
  }

  setRules(rules: AlertRules): void {
    this.#rules = rules;
  }

  alerts(streamId?: StreamId): Alert[] {
    const streams = streamId === undefined ? this.#streams.values() : [this.#of(streamId)];
    const atMs = this.#options.wallClockMs();
    return [...streams].flatMap(({ alerts }) => alerts.firing(this.#rules, atMs));
  }

  streams(): ControlStream[] {
    return this.#options.registry.listed().map((entry) => this.#describe(entry));
  }

  stream(id: StreamId): ControlStream | undefined {
    const entry = this.#options.registry.stream(id);
    return entry && this.#describe(entry);
  }

  history(id: StreamId, sinceMs: number): StreamPoint[] | undefined {
    return this.#existing(id)?.history.points(sinceMs);
  }

  /** From now on, for some seconds, its peers are asked. */
  picture(id: StreamId): MeshPicture | undefined {
    const entry = this.#options.registry.stream(id);
    if (entry === undefined) return undefined;
    const { nowMs, wallClockMs } = this.#options;
    const stream = this.#of(id);
    stream.touch(nowMs());
    this.#steer(entry, stream, nowMs());
    return stream.picture(entry, nowMs(), wallClockMs());
  }

  peer(id: StreamId, peerId: PeerRecord["peerId"]): ControlPeer | undefined {
    const entry = this.#options.registry.stream(id);
    const member = entry?.swarm.get(peerId);
    if (entry === undefined || member === undefined) return undefined;
    const nowMs = this.#options.nowMs();
    const stream = this.#of(id);
    stream.touch(nowMs);
    this.#steer(entry, stream, nowMs);
    return stream.peer(member, nowMs);
  }

  experiment(id: StreamId, experiment: Experiment): ControlStream | undefined {
    return this.#change(id, `experiment ${JSON.stringify(experiment)}`, ({ desk }) =>
      desk.setExperiment(experiment),
    );
  }

  /** @throws {RangeError} When too many peers are under orders. */
  order(id: StreamId, order: PeerOrder): ControlStream | undefined {
    return this.#change(id, `order ${JSON.stringify(order)}`, ({ desk }) =>
      desk.order(order, this.#options.nowMs()),
    );
  }

  /** Starts anew when one has ended; one that runs goes on. */
  startRecording(id: StreamId): RecordingState | undefined {
    const stream = this.#existing(id);
    if (stream === undefined) return undefined;
    if (stream.recording?.isRunning !== true) {
      stream.recording = new StreamRecording(this.#options.wallClockMs());
    }
    return stream.recording.state;
  }

  stopRecording(id: StreamId): RecordingState | undefined {
    const stream = this.#existing(id);
    stream?.recording?.stop(this.#options.wallClockMs());
    return stream && (stream.recording?.state ?? NO_RECORDING);
  }

  recording(id: StreamId): Recording | undefined {
    const stream = this.#existing(id);
    if (stream === undefined) return undefined;
    const empty = { streamId: id, state: NO_RECORDING, events: [], points: [], peers: [] };
    return stream.recording?.export(id) ?? empty;
  }

  #describe(entry: StreamEntry): ControlStream {
    const { streamId } = entry.descriptor;
    return { ...this.#of(streamId).describe(entry), alerts: this.alerts(streamId) };
  }

  #addPoint({ descriptor, swarm, stats }: StreamEntry, stream: WatchedStream): void {
    const { log, wallClockMs } = this.#options;
    const { streamId } = descriptor;
    const point = stream.history.close(wallClockMs(), swarm.viewerCount, stats.bytes);
    stream.recording?.addPoint(point);
    const { began, ended } = stream.alerts.look(streamId, point, this.#rules);
    for (const { kind, value, bound } of began) {
      log.warn({ streamId, kind, value, bound }, "alert: a stream does not fare well");
    }
    for (const { kind } of ended) log.info({ streamId, kind }, "alert over");
  }

  #steer({ swarm }: StreamEntry, stream: WatchedStream, nowMs: number): void {
    const isWatched = stream.isWatched(nowMs);
    if (!isWatched && stream.desk.isIdle) return;
    let asked = 0;
    const isAsked = ({ isSeeder }: SteeredMember) =>
      isWatched && (isSeeder || ++asked <= ASKED_MAX);
    const deliveries = stream.desk.due(steeredMembers(swarm), isAsked, nowMs);
    if (deliveries.length > 0) this.#options.deliver(deliveries);
  }

  #forgetEnded(): void {
    for (const id of this.#streams.keys()) {
      if (this.#options.registry.stream(id) === undefined) this.#streams.delete(id);
    }
  }

  #change(
    id: StreamId,
    what: string,
    change: (stream: WatchedStream) => void,
  ): ControlStream | undefined {
    const { registry, log, nowMs, wallClockMs } = this.#options;
    const entry = registry.stream(id);
    if (entry === undefined) return undefined;
    const stream = this.#of(id);
    change(stream);
    log.info({ streamId: id, what }, "the operator changed a stream");
    stream.recording?.mark(wallClockMs(), what);
    this.#steer(entry, stream, nowMs());
    return this.#describe(entry);
  }

  #existing(id: StreamId): WatchedStream | undefined {
    return this.#options.registry.stream(id) && this.#of(id);
  }

  #of(streamId: StreamId): WatchedStream {
    const known = this.#streams.get(streamId);
    if (known !== undefined) return known;
    const fresh = new WatchedStream();
    this.#streams.set(streamId, fresh);
    return fresh;
  }
}

/** Those at sockets of this tracker: others are steered where they are. */
function* steeredMembers(swarm: StreamEntry["swarm"]): Iterable<SteeredMember> {
  for (const { record, socketId, tracker } of swarm.members()) {
    if (tracker !== undefined) continue;
    yield { peerId: record.peerId, socketId, isSeeder: record.role === "seeder" };
  }
}
