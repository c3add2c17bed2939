import { NEVER_MS } from "../measure.ts";
import type { FlatSwarm } from "./flat-swarm.ts";

/** As in ../continuity.ts. */
const START_MS = 3000;
const ENOUGH = 0.99;

/** Who had which chunks in time: ../continuity.ts over rows. */
export class FlatContinuity {
  readonly #swarm: FlatSwarm;

  constructor(swarm: FlatSwarm) {
    this.#swarm = swarm;
  }

  /** Of each viewer of whom something is measured, the share of chunks it had in time. */
  shares(viewers: readonly number[], latencyMs: number): number[] {
    const { ageMs } = this.#swarm.record;
    const shares: number[] = [];
    for (const viewer of viewers) {
      const [first, last] = this.#due(viewer, latencyMs);
      if (last < first) continue;
      let inTime = 0;
      for (const track of [0, 1]) {
        const at = this.#swarm.record.firstAge(viewer, track);
        for (let i = at + first; i <= at + last; i++) {
          if ((ageMs[i] as number) <= latencyMs) inTime++;
        }
      }
      shares.push(inTime / (2 * (last - first + 1)));
    }
    return shares;
  }

  stallsPerHour(viewers: readonly number[]): number {
    const { scenario } = this.#swarm;
    const { playoutMs, stream } = scenario;
    let stalls = 0;
    let chunks = 0;
    for (const viewer of viewers) {
      const [first, last] = this.#due(viewer, playoutMs);
      let isStalled = false;
      for (let sequence = first; sequence <= last; sequence++) {
        const isLate = this.#ageMs(viewer, sequence) > playoutMs;
        if (isLate && !isStalled) stalls++;
        isStalled = isLate;
        chunks++;
      }
    }
    return chunks === 0 ? 0 : (stalls * 3_600_000) / (chunks * stream.chunkMs);
  }

  /** From the first incident to the last chunk that too few had in time; 0 if there is none. */
  recoveryMs(): number {
    const { scenario, wheel } = this.#swarm;
    const [incident] = scenario.incidents;
    if (incident === undefined) return 0;
    const { chunkMs } = scenario.stream;
    let sequence = Math.floor((wheel.nowMs - scenario.playoutMs) / chunkMs) - 1;
    while (sequence >= 0 && this.#shareOf(sequence) >= ENOUGH) sequence--;
    return Math.max(0, (sequence + 1) * chunkMs - incident.atMs);
  }

  /** Share of the viewers that had this chunk in time, of those who ought to; 1 if none ought to. */
  #shareOf(sequence: number): number {
    const { peers, scenario } = this.#swarm;
    const { playoutMs, stream } = scenario;
    const atMs = sequence * stream.chunkMs;
    let due = 0;
    let inTime = 0;
    for (let viewer = 1; viewer < peers.count; viewer++) {
      if ((peers.joinedAtMs[viewer] as number) + START_MS > atMs) continue;
      if ((peers.leftAtMs[viewer] as number) < atMs + playoutMs) continue;
      due++;
      if (this.#ageMs(viewer, sequence) <= playoutMs) inTime++;
    }
    return due === 0 ? 1 : inTime / due;
  }

  /** Of the later of the two tracks. */
  #ageMs(viewer: number, sequence: number): number {
    const { record } = this.#swarm;
    const video = record.ageMs[record.firstAge(viewer, 0) + sequence] ?? NEVER_MS;
    const audio = record.ageMs[record.firstAge(viewer, 1) + sequence] ?? NEVER_MS;
    return Math.max(video, audio);
  }

  /** First and last chunk a viewer ought to have in time, within what is measured. */
  #due(viewer: number, latencyMs: number): [number, number] {
    const { scenario, record, peers, wheel } = this.#swarm;
    const { chunkMs } = scenario.stream;
    const started = record.firstSequence[viewer] as number;
    if (started < 0) return [0, -1];
    const joinedAtMs = peers.joinedAtMs[viewer] as number;
    const fromMs = Math.max(scenario.measureFromMs, joinedAtMs + START_MS);
    const leftAtMs = Math.min(peers.leftAtMs[viewer] as number, wheel.nowMs);
    const toMs = leftAtMs - latencyMs - chunkMs;
    return [Math.max(started, Math.ceil(fromMs / chunkMs)), Math.floor(toMs / chunkMs)];
  }
}
