import { DEFAULT_MESH_OPTIONS, type MeshEvent, type MeshStats } from "#mesh";
import type { PeerId, PeerMessage } from "#protocol";
import type { SimBlock } from "./media-source.ts";
import { HIGH_WATER_BYTES } from "./network.ts";
import { ParentLedger } from "./parent-ledger.ts";
import type { Simulation } from "./simulation.ts";
import { StripeCycles } from "./stripe-cycles.ts";
import type { SimPeer } from "./viewer.ts";

/** Violations remembered: the first ones tell, the rest repeat them. */
const VIOLATIONS_MAX = 20;

/** What must hold at any moment of any run, whatever the scenario does. */
export class Invariants {
  readonly violations: string[] = [];
  /** Blocks that an honest peer passed on though they were altered. */
  pollutedRelays = 0;
  readonly #simulation: Simulation;
  readonly #parents = new ParentLedger();
  readonly #cycles = new StripeCycles();

  constructor(simulation: Simulation) {
    this.#simulation = simulation;
  }

  /** Nothing unverified is relayed: an honest peer's blocks are genuine and were accepted by it. */
  sending(from: SimPeer, to: PeerId, message: PeerMessage): void {
    if (message.type !== "block") return this.#parents.said(from.id, to, message);
    if (from.role === "seeder" || from.misbehavior === "polluter") return;
    const block = message.block as SimBlock;
    const isVerified = from.record.seen[block.serial] === 1;
    if (block.isGenuine && isVerified) return;
    this.pollutedRelays++;
    this.#violated(`${from.id} relays a block it has not verified`);
  }

  /** A link has closed for one of its ends. */
  parted(a: PeerId, b: PeerId): void {
    this.#parents.parted(a, b);
  }

  /** Nothing is delivered twice, nor before all of its blocks were verified. */
  delivered(by: SimPeer, isNew: boolean, track: number, sequence: number): void {
    if (!isNew) this.#violated(`${by.id} delivers chunk ${track}/${sequence} twice`);
    for (const block of this.#simulation.media.chunk(track, sequence)) {
      if (by.record.seen[block.serial] === 1) continue;
      this.#violated(`${by.id} delivers chunk ${track}/${sequence} without block ${block.index}`);
    }
  }

  crashed({ id }: SimPeer, event: MeshEvent, error: unknown): void {
    const what = event.type === "message-received" ? event.message.type : event.type;
    const where = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const lines = where
      .split("\n")
      .slice(0, 3)
      .map((line) => line.trim());
    this.#violated(`${id} crashed on ${what}: ${lines.join(" ")}`);
  }

  /** Bytes sent are received, lost or under way. */
  afterEvent(): void {
    const { sent, received, lost, underWay } = this.#simulation.network.bytes;
    if (Math.abs(sent - received - lost - underWay) <= 1) return;
    this.#violated(`${sent} bytes sent, but ${received} + ${lost} + ${underWay} accounted for`);
  }

  /** What is wrong only if it lasts, and what costs too much to look at after every event. */
  everySecond(): void {
    const parents = new Map<PeerId, (PeerId | undefined)[]>();
    for (const peer of this.#simulation.peers.values()) {
      const stats = peer.engine.stats();
      this.#boundedState(peer, stats);
      if (peer.misbehavior !== undefined) continue;
      parents.set(
        peer.id,
        stats.stripes.map(({ parent }) => parent),
      );
    }
    this.#oneParent();
    for (const cycle of this.#cycles.lasting(parents, this.#simulation.nowMs)) {
      this.#violated(`${cycle.length} peers feed each other one stripe: ${cycle.join(" ← ")}`);
    }
  }

  #boundedState({ id, role, host, stated }: SimPeer, { neighbors }: MeshStats): void {
    const isSeeder = role === "seeder";
    const { degreeHigh, seederDegreeHigh, queueBytesMax } = { ...DEFAULT_MESH_OPTIONS, ...stated };
    const degreeMax = isSeeder ? seederDegreeHigh : degreeHigh;
    const degree = neighbors.filter((neighbor) => neighbor.role === "viewer").length;
    if (degree > degreeMax) {
      this.#violated(`${id} has ${degree} viewers as neighbors, ${degreeMax} are allowed`);
    }
    for (const { bufferedBytes } of host.links.values()) {
      if (bufferedBytes <= HIGH_WATER_BYTES + queueBytesMax) continue;
      this.#violated(`${id} has ${bufferedBytes} bytes waiting in one link`);
    }
  }

  #oneParent(): void {
    const { peers, nowMs } = this.#simulation;
    const crowded = this.#parents.crowded((peer) => peers.has(peer), nowMs);
    for (const what of crowded) this.#violated(what);
  }

  #violated(what: string): void {
    if (this.violations.length >= VIOLATIONS_MAX) return;
    this.violations.push(`at ${(this.#simulation.nowMs / 1000).toFixed(3)} s: ${what}`);
  }
}
